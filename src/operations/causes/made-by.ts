import type { Migration } from '../../migrations/migration.ts';
import { classify } from '../../sql/classify.ts';
import { sameName } from '../../sql/cursor.ts';
import { namesOf } from '../../sql/names-of.ts';
import { tableDefinition } from '../../sql/table-definition.ts';
import type { Failure } from './failure.ts';

/** Something that a statement makes or takes away. Tables, views and indexes share their names. */
export type Thing =
  | { readonly kind: 'object'; readonly name: string; readonly type?: string }
  /** A column of one of these tables. */
  | { readonly kind: 'column'; readonly name: string; readonly tables: readonly string[] };

export interface Touch {
  readonly migration: Migration;
  /** From 1. */
  readonly number: number;
  readonly does: 'makes' | 'removes';
  readonly when: When;
}

/** How the migration that does it stands to the one that failed. */
export type When = 'same-file' | 'ran-before' | 'applied' | 'skipped' | 'pending';

/** Every statement of the known files that makes or removes it, in the order of running. */
export function touchesOf(failure: Failure, thing: Thing): readonly Touch[] {
  return failure.history.flatMap((item) => {
    if (!('migration' in item)) return [];
    const { migration } = item;
    const when = whenOf(failure, migration, item.kind);
    return migration.statements.flatMap(({ sql }, index) => {
      const does = effectOn(sql, thing);
      return does === undefined ? [] : [{ migration, number: index + 1, does, when }];
    });
  });
}

function whenOf({ migration, ranBefore }: Failure, one: Migration, kind: string): When {
  if (one.tag === migration.tag) return 'same-file';
  if (ranBefore.has(one.tag)) return 'ran-before';
  if (kind === 'applied' || kind === 'changed') return 'applied';
  return kind === 'skipped' ? 'skipped' : 'pending';
}

function effectOn(sql: string, thing: Thing): Touch['does'] | undefined {
  return thing.kind === 'object' ? onObject(sql, thing.name) : onColumn(sql, thing);
}

function onObject(sql: string, name: string): Touch['does'] | undefined {
  const kind = classify(sql);
  if (!namesOf(kind).some((other) => sameName(other, name))) return undefined;
  if (kind.kind === 'alter-table') {
    if (kind.action.kind !== 'rename-table') return undefined;
    return sameName(kind.action.to, name) ? 'makes' : 'removes';
  }
  if (kind.kind.startsWith('create-')) return 'makes';
  return kind.kind.startsWith('drop-') ? 'removes' : undefined;
}

function onColumn(
  sql: string,
  { name, tables }: Extract<Thing, { kind: 'column' }>,
): Touch['does'] | undefined {
  const kind = classify(sql);
  if (kind.kind !== 'create-table' && kind.kind !== 'alter-table') return undefined;
  if (!tables.some((table) => sameName(table, kind.table))) return undefined;
  const is = (other: string) => sameName(other, name);
  if (kind.kind === 'create-table') {
    return tableDefinition(sql)?.columns.some((column) => is(column.name)) ? 'makes' : undefined;
  }
  const { action } = kind;
  if (action.kind === 'add-column') return is(action.column) ? 'makes' : undefined;
  if (action.kind === 'drop-column') return is(action.column) ? 'removes' : undefined;
  if (action.kind !== 'rename-column') return undefined;
  if (is(action.to)) return 'makes';
  return is(action.column) ? 'removes' : undefined;
}
