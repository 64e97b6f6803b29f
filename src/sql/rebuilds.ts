import { classify } from './classify.ts';
import { sameName } from './cursor.ts';
import type { StatementKind } from './statement-kind.ts';

/**
 * A table made anew by a migration: its rows are copied into another table, the old one is dropped,
 * and the table is there again under its own name. Numbers are those of statements, from 1.
 */
export interface Rebuild {
  /** The table, under the name it has before and after. */
  readonly table: string;
  /** The other name that the rows pass through, such as `__new_users`. */
  readonly via: string;
  /** The statement that makes the new table. */
  readonly create: number;
  /** The statements that copy rows. */
  readonly copies: readonly number[];
  /** The statement that drops the old table, with its triggers, indexes and the rows of cascading children. */
  readonly drop: number;
  /** The statement after which the table has its name and its rows again. */
  readonly end: number;
  readonly how: 'create-copy-drop-rename' | 'rename-create-copy-drop' | 'copy-out-and-back';
}

/** Finds the rebuilds in one migration's statements, whatever stands between their parts. */
export function rebuildsIn(statements: readonly { readonly sql: string }[]): readonly Rebuild[] {
  const kinds = statements.map(({ sql }) => classify(sql));
  return kinds.flatMap((kind, index) => {
    if (kind.kind !== 'drop-table') return [];
    const found =
      renamedAfter(kinds, kind.table, index) ??
      renamedBefore(kinds, kind.table, index) ??
      copiedBack(kinds, kind.table, index);
    return found ? [found] : [];
  });
}

type Kinds = readonly StatementKind[];

/** CREATE new, copy, DROP table, RENAME new TO table. */
function renamedAfter(kinds: Kinds, table: string, drop: number): Rebuild | undefined {
  const rename = kinds.findIndex(
    (kind, index) => index > drop && isRename(kind) && sameName(kind.action.to, table),
  );
  const kind = kinds[rename];
  if (!kind || !isRename(kind)) return undefined;
  const via = kind.table;
  const create = createOf(kinds, via, 0, drop);
  if (create === -1) return undefined;
  const copies = copiesOf(kinds, { from: table, to: via });
  return {
    table,
    via,
    create: create + 1,
    copies,
    drop: drop + 1,
    end: rename + 1,
    how: 'create-copy-drop-rename',
  };
}

/** RENAME table TO old, CREATE table, copy, DROP old. */
function renamedBefore(kinds: Kinds, via: string, drop: number): Rebuild | undefined {
  const rename = kinds.findIndex(
    (kind, index) => index < drop && isRename(kind) && sameName(kind.action.to, via),
  );
  const kind = kinds[rename];
  if (!kind || !isRename(kind)) return undefined;
  const create = createOf(kinds, kind.table, rename + 1, drop);
  if (create === -1) return undefined;
  const copies = copiesOf(kinds, { from: via, to: kind.table });
  const parts = { table: kind.table, via, create: create + 1, copies, drop: drop + 1, end: drop + 1 };
  return { ...parts, how: 'rename-create-copy-drop' };
}

/** CREATE backup, copy out, DROP table, CREATE table, copy back. */
function copiedBack(kinds: Kinds, table: string, drop: number): Rebuild | undefined {
  const create = createOf(kinds, table, drop + 1, kinds.length);
  if (create === -1) return undefined;
  const back = kinds.findIndex((kind, index) => index > create && copiedInto(kind, table) !== undefined);
  const via = back === -1 ? undefined : copiedInto(kinds[back], table);
  if (via === undefined) return undefined;
  const out = copiesOf(kinds, { from: table, to: via }).filter((number) => number <= drop);
  if (out.length === 0) return undefined;
  const copies = [...out, back + 1];
  return { table, via, create: create + 1, copies, drop: drop + 1, end: back + 1, how: 'copy-out-and-back' };
}

type Rename = Extract<StatementKind, { kind: 'alter-table' }> & {
  readonly action: { readonly kind: 'rename-table' };
};

function isRename(kind: StatementKind): kind is Rename {
  return kind.kind === 'alter-table' && kind.action.kind === 'rename-table';
}

function createOf(kinds: Kinds, table: string, from: number, to: number): number {
  return kinds.findIndex(
    (kind, index) =>
      index >= from && index < to && kind.kind === 'create-table' && sameName(kind.table, table),
  );
}

function copiesOf(kinds: Kinds, way: { readonly from: string; readonly to: string }): readonly number[] {
  return kinds.flatMap((kind, index) => {
    const into = kind.kind === 'insert' || kind.kind === 'create-table' ? kind : undefined;
    const copies =
      into && sameName(into.table, way.to) && into.from?.some((name) => sameName(name, way.from));
    return copies === true ? [index + 1] : [];
  });
}

function copiedInto(kind: StatementKind | undefined, table: string): string | undefined {
  if (kind?.kind !== 'insert' || !sameName(kind.table, table)) return undefined;
  return kind.from?.length === 1 ? kind.from[0] : undefined;
}
