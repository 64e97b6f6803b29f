import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { classify } from '../../sql/classify.ts';
import { isWord, sameName } from '../../sql/cursor.ts';
import { namesOf } from '../../sql/names-of.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { tableDefinition } from '../../sql/table-definition.ts';
import { meaningfulTokens, nameOf, type Token } from '../../sql/tokens.ts';
import type { Failure } from './failure.ts';

/** Something that a statement makes or takes away. Tables, views and indexes share their names. */
export type Thing =
  | { readonly kind: 'object'; readonly name: string; readonly type?: string }
  /** A column of one of these tables. */
  | { readonly kind: 'column'; readonly name: string; readonly tables: readonly string[] }
  /** A constraint of this table. */
  | { readonly kind: 'constraint'; readonly name: string; readonly tables: readonly string[] };

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
  switch (thing.kind) {
    case 'object':
      return onObject(sql, thing.name);
    case 'column':
      return onColumn(sql, thing);
    case 'constraint':
      return onConstraint(sql, thing);
    default:
      return unreachable(thing);
  }
}

function onConstraint(
  sql: string,
  { name, tables }: Extract<Thing, { kind: 'constraint' }>,
): Touch['does'] | undefined {
  const kind = classify(sql);
  if (kind.kind !== 'create-table' && kind.kind !== 'alter-table') return undefined;
  if (!tables.some((table) => sameName(table, kind.table))) return undefined;
  if (kind.kind === 'create-table') {
    const all = meaningfulTokens(sql);
    return all.some((token, at) => isWord(token, 'CONSTRAINT') && isNamed(all[at + 1], name))
      ? 'makes'
      : undefined;
  }
  const { action } = kind;
  if (action.kind === 'rename-constraint') {
    if (sameName(action.to, name)) return 'makes';
    return sameName(action.name, name) ? 'removes' : undefined;
  }
  if (action.kind !== 'add-constraint' && action.kind !== 'drop-constraint') return undefined;
  if (action.name === undefined || !sameName(action.name, name)) return undefined;
  return action.kind === 'add-constraint' ? 'makes' : 'removes';
}

const isNamed = (token: Token | undefined, name: string) =>
  token !== undefined && sameName(nameOf(token), name);

function onObject(sql: string, name: string): Touch['does'] | undefined {
  const kind = classify(sql);
  if (!objectsIn(kind).some((other) => sameName(other, name))) return undefined;
  if (kind.kind === 'alter-table') {
    if (kind.action.kind !== 'rename-table') return undefined;
    return sameName(kind.action.to, name) ? 'makes' : 'removes';
  }
  if (kind.kind.startsWith('create-')) return 'makes';
  return kind.kind.startsWith('drop-') ? 'removes' : undefined;
}

/** What a statement makes or removes, PostgreSQL's kinds of objects among them. */
export function objectsIn(kind: StatementKind): readonly string[] {
  switch (kind.kind) {
    case 'create-type':
    case 'drop-type':
      return [kind.type];
    case 'create-schema':
    case 'drop-schema':
      return [kind.schema];
    case 'create-sequence':
    case 'drop-sequence':
      return [kind.sequence];
    case 'create-function':
    case 'drop-function':
      return [kind.function];
    case 'create-extension':
    case 'drop-extension':
      return [kind.extension];
    case 'create-policy':
    case 'drop-policy':
      return [kind.policy];
    default:
      return namesOf(kind);
  }
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
