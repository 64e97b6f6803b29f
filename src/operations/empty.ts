import { foldName } from '../sql/cursor.ts';
import { quoteName } from '../sql/quote.ts';
import type { ForeignKey, Schema, SchemaObject } from '../schema/schema.ts';

/** What a database holds that is not the engine's, nor our lock. */
export interface Contents {
  readonly schema: Schema;
  readonly foreignKeys: readonly ForeignKey[];
  /** Tracking tables that are there, which are no part of a schema. */
  readonly tracking: readonly string[];
}

/**
 * Statements that leave an empty database in place: what fires or reads first, then tables, those that refer before
 * those that they refer to. Where enforcement cannot be switched off, rows go before the tables that hold them, so
 * that tables in a circle can go, too.
 */
export function emptyingStatements(
  { schema: { objects }, foreignKeys, tracking }: Contents,
  enforcement: 'switchable' | 'always-on',
): readonly string[] {
  const tables = childrenFirst(
    objects.filter(({ type }) => type === 'table'),
    foreignKeys,
  );
  const rows = enforcement === 'always-on' ? tables.filter(isPlain) : [];
  return [
    ...(rows.length > 0 ? ['PRAGMA defer_foreign_keys = ON'] : []),
    ...objects.filter(({ type }) => type === 'trigger').map(dropping),
    ...objects.filter(({ type }) => type === 'view').map(dropping),
    ...rows.map(({ name }) => `DELETE FROM ${quoteName(name)}`),
    ...tables.map(dropping),
    ...tracking.map((name) => `DROP TABLE ${quoteName(name)}`),
  ];
}

/** A circle is broken anywhere. */
function childrenFirst(
  tables: readonly SchemaObject[],
  foreignKeys: readonly ForeignKey[],
): readonly SchemaObject[] {
  const children = Map.groupBy(foreignKeys, ({ parent }) => foldName(parent));
  const byName = new Map(tables.map((table) => [foldName(table.name), table]));
  const ordered = new Set<SchemaObject>();
  const begun = new Set<SchemaObject>();
  const visit = (table: SchemaObject) => {
    if (begun.has(table)) return;
    begun.add(table);
    for (const { table: child } of children.get(foldName(table.name)) ?? []) {
      const found = byName.get(foldName(child));
      if (found) visit(found);
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return [...ordered];
}

/** A virtual table's rows go with it. */
function isPlain({ normal }: SchemaObject): boolean {
  return !normal.startsWith('CREATE VIRTUAL');
}

function dropping({ type, name }: SchemaObject): string {
  return `DROP ${type.toUpperCase()} ${quoteName(name)}`;
}
