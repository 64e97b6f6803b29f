import { classify } from './classify.ts';
import { foldName, isName, isWord, sameName, splitAtCommas } from './cursor.ts';
import type { StatementKind } from './statement-kind.ts';
import { meaningfulTokens, nameOf } from './tokens.ts';

/**
 * Rows or values that a migration copies into a table of its own and puts back later, so that they outlive
 * what happens in between. Numbers are those of statements, from 1.
 */
export interface Keep {
  /** The table whose rows are kept, under the name it has when they are copied. */
  readonly table: string;
  /** The table that holds them meanwhile. */
  readonly via: string;
  readonly out: number;
  readonly back: number;
  /** `rows`: an INSERT puts them back; `values`: an UPDATE does. */
  readonly what: 'rows' | 'values';
  /** Statements in between that clear the table, or columns of it, by name. */
  readonly removes: readonly number[];
}

/** Finds them in one migration's statements. */
export function keepsIn(statements: readonly { readonly sql: string }[]): readonly Keep[] {
  // Nothing is copied without one; most migrations are told apart by this.
  if (!statements.some(({ sql }) => /\bselect\b/i.test(sql))) return [];
  const kinds = statements.map(({ sql }) => classify(sql));
  return kinds.flatMap((kind, index) => {
    const copied = copiedOut(kind, statements[index]?.sql ?? '');
    if (!copied || !isMadeHere(kinds, copied.via, index)) return [];
    const names = laterNames(kinds, copied.table, index);
    const back = statements.findIndex(
      ({ sql }, at) => at > index && putsBack(kinds[at], sql, { ...copied, names }),
    );
    const how = kinds[back]?.kind;
    if (how === undefined) return [];
    return [
      {
        ...copied,
        out: index + 1,
        back: back + 1,
        what: how === 'insert' ? 'rows' : 'values',
        removes: removesBetween({ statements, kinds }, copied.table, [index, back]),
      } as const,
    ];
  });
}

type Kinds = readonly StatementKind[];

function copiedOut(
  kind: StatementKind,
  sql: string,
): { readonly table: string; readonly via: string } | undefined {
  const copies = kind.kind === 'insert' || kind.kind === 'create-table' ? kind : undefined;
  const [table, more] = copies?.from ?? [];
  return copies && table !== undefined && more === undefined && takesAll(sql)
    ? { table, via: copies.table }
    : undefined;
}

/** Whether a SELECT leaves out nothing that counts: no condition at all, or only that values are there. */
function takesAll(sql: string): boolean {
  const all = meaningfulTokens(sql);
  const start = all.findIndex((token) => isWord(token, 'SELECT'));
  const from = all.findIndex((token, at) => at > start && isWord(token, 'FROM'));
  const rest = all
    .slice(from + 2)
    .map(({ kind, text }) => (kind === 'quoted-name' ? 'NAME' : text.toUpperCase()));
  const words = rest.join(' ').replace(/;$/, '').trim();
  return (
    !isWord(all[start + 1], 'DISTINCT') && /^(?:WHERE \S+ IS NOT NULL(?: OR \S+ IS NOT NULL)*)?$/.test(words)
  );
}

function isMadeHere(kinds: Kinds, table: string, before: number): boolean {
  return kinds.some(
    (kind, at) => at <= before && kind.kind === 'create-table' && sameName(kind.table, table),
  );
}

/** The table's name, and those it gets by being renamed; in lower case. */
function laterNames(kinds: Kinds, table: string, from: number): ReadonlySet<string> {
  const names = new Set([foldName(table)]);
  for (const kind of kinds.slice(from)) {
    if (kind.kind === 'alter-table' && kind.action.kind === 'rename-table' && names.has(foldName(kind.table)))
      names.add(foldName(kind.action.to));
  }
  return names;
}

function putsBack(
  kind: StatementKind | undefined,
  sql: string,
  { via, names }: { readonly via: string; readonly names: ReadonlySet<string> },
): boolean {
  if (kind?.kind !== 'insert' && kind?.kind !== 'update') return false;
  if (!names.has(foldName(kind.table))) return false;
  if (kind.kind === 'insert') return kind.from?.some((name) => sameName(name, via)) === true;
  return meaningfulTokens(sql).some((token) => isName(token) && sameName(nameOf(token), via));
}

function removesBetween(
  { statements, kinds }: { readonly statements: readonly { readonly sql: string }[]; readonly kinds: Kinds },
  table: string,
  [out, back]: readonly [number, number],
): readonly number[] {
  return kinds.flatMap((kind, at) => {
    if (at <= out || at >= back) return [];
    const removes =
      kind.kind === 'delete' || (kind.kind === 'update' && onlyClears(statements[at]?.sql ?? ''));
    return removes && sameName(kind.table, table) ? [at + 1] : [];
  });
}

/** Whether an UPDATE sets everything it names to NULL. */
function onlyClears(sql: string): boolean {
  const all = meaningfulTokens(sql);
  const set = all.findIndex((token) => isWord(token, 'SET'));
  const where = all.findIndex((token) => isWord(token, 'WHERE'));
  const parts = splitAtCommas(all.slice(set + 1, where === -1 ? undefined : where));
  return parts.every((part) => part.length === 3 && part[1]?.text === '=' && isWord(part[2], 'NULL'));
}
