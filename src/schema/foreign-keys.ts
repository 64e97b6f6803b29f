import { foldName } from '../sql/cursor.ts';
import type { ForeignKeyClause } from '../sql/foreign-key-clause.ts';
import type { Query } from '../sql/statement.ts';
import { tableDefinition, type TableDefinition } from '../sql/table-definition.ts';
import { readPostgresForeignKeys } from './postgres/foreign-keys.ts';
import type { ForeignKey, Schema } from './schema.ts';

/** Every declared foreign key, one per constraint, bookkeeping and all; by table, in declared order. */
export async function readForeignKeys(query: Query): Promise<readonly ForeignKey[]> {
  switch (query.dialect) {
    case 'sqlite':
      return readSqliteForeignKeys(query);
    case 'postgres':
      return readPostgresForeignKeys(query);
  }
}

async function readSqliteForeignKeys(query: Query): Promise<readonly ForeignKey[]> {
  const rows = await query({
    sql: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY name",
  });
  return rows.flatMap(({ sql }) => foreignKeysIn(String(sql)));
}

/** The same from a schema that was read before. */
export function foreignKeysOfSchema({ objects }: Schema): readonly ForeignKey[] {
  return objects.flatMap((object) => {
    if (object.making) return object.foreignKeys ?? [];
    return object.type === 'table' ? foreignKeysIn(object.display) : [];
  });
}

function foreignKeysIn(sql: string): readonly ForeignKey[] {
  const definition = tableDefinition(sql);
  return definition ? foreignKeysOf(definition) : [];
}

/** The foreign keys that one CREATE TABLE declares. */
export function foreignKeysOf({ table, columns, constraints }: TableDefinition): readonly ForeignKey[] {
  const beside = columns.flatMap(({ name, constraints }) =>
    constraints.flatMap((constraint) =>
      constraint.kind === 'references' ? [foreignKeyOf(table, [name], constraint.clause)] : [],
    ),
  );
  const below = constraints.flatMap((constraint) =>
    constraint.kind === 'foreign-key' ? [foreignKeyOf(table, constraint.columns, constraint.clause)] : [],
  );
  return [...beside, ...below];
}

/** A clause as a foreign key of this table's columns. */
export function foreignKeyOf(
  table: string,
  columns: readonly string[],
  clause: ForeignKeyClause,
): ForeignKey {
  return { table, columns, parent: clause.parent, onDelete: clause.onDelete };
}

/**
 * The tables, in lower case, that a foreign key points to. A table that points to itself counts:
 * while it is rebuilt, the new table's rows point to the old one, and dropping that deletes them.
 */
export function referencedTables(foreignKeys: readonly ForeignKey[]): ReadonlySet<string> {
  return new Set(foreignKeys.map(({ parent }) => foldName(parent)));
}
