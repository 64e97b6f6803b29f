import { foldName } from '../sql/cursor.ts';
import type { Query, Row } from '../sql/statement.ts';
import { isOurs, shadowTablesOf } from './left-out.ts';
import { postgresReader, readPostgresObjects, readPostgresSchema } from './postgres/read.ts';
import { sayObject } from './object-wording.ts';
import type { Schema, SchemaObject } from './schema.ts';

export interface SchemaOptions {
  /** Configured bookkeeping tables, besides those known by name. */
  readonly bookkeeping?: readonly string[];
}

/** Reads a schema again and again, doing only the work that a change asks for. */
export interface SchemaReader {
  /**
   * The schema as it is now: the same object as before when nothing changed. A transaction that is rolled
   * back gives its `schema_version` numbers out again, so use a new reader after a rollback.
   */
  read(): Promise<Schema>;
}

/** Reads a schema into normal form, with one query. */
export async function readSchema(query: Query, options: SchemaOptions = {}): Promise<Schema> {
  switch (query.dialect) {
    case 'sqlite':
      return schemaOf(await query(catalogue), options);
    case 'postgres':
      return readPostgresSchema(query, options.bookkeeping ?? []);
  }
}

/**
 * What a schema has of some tables and views: they themselves, and the indexes and triggers on them.
 *
 * @param names in any letter case
 */
export async function readObjectsOf(
  query: Query,
  names: readonly string[],
  options: SchemaOptions = {},
): Promise<readonly SchemaObject[]> {
  switch (query.dialect) {
    case 'sqlite':
      return readSqliteObjects(query, names, options);
    case 'postgres':
      return readPostgresObjects(query, names, options.bookkeeping ?? []);
  }
}

async function readSqliteObjects(
  query: Query,
  names: readonly string[],
  options: SchemaOptions,
): Promise<readonly SchemaObject[]> {
  const found = await Promise.all(names.map((name) => query({ sql: catalogueOf, args: [name] })));
  return found.flatMap((rows) => schemaOf(rows, options).objects);
}

/** A reader for one connection, cheap enough to be asked after every statement of a rehearsal. */
export function createSchemaReader(query: Query, options: SchemaOptions = {}): SchemaReader {
  switch (query.dialect) {
    case 'sqlite':
      return sqliteReader(query, options);
    case 'postgres':
      return postgresReader(query, options.bookkeeping ?? []);
  }
}

function sqliteReader(query: Query, options: SchemaOptions): SchemaReader {
  let last: { readonly version: unknown; readonly schema: Schema } | undefined;
  return {
    read: async () => {
      const [row] = await query({ sql: 'PRAGMA schema_version' });
      const version = row?.['schema_version'];
      if (last && version !== undefined && last.version === version) return last.schema;
      last = { version, schema: schemaOf(await query(catalogue), options) };
      return last.schema;
    },
  };
}

// One row instead of thousands, which clients are slow to build; in the order of `Schema.objects`.
// An index without text is made by a constraint, and is told there.
const catalogue = {
  sql: `SELECT json_group_array(json_array(type, name, tbl_name, sql)) AS objects
    FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, lower(name))`,
};

const catalogueOf = `SELECT json_group_array(json_array(type, name, tbl_name, sql)) AS objects FROM sqlite_schema
  WHERE sql IS NOT NULL AND (tbl_name = ?1 COLLATE NOCASE OR name = ?1 COLLATE NOCASE)`;

/** Type, name, table and text, as SQLite's own catalogue has them. */
type Entry = readonly [type: string, name: string, table: string, sql: string];

function schemaOf([row]: readonly Row[], { bookkeeping = [] }: SchemaOptions): Schema {
  const entries: readonly Entry[] = JSON.parse(String(row?.['objects'] ?? '[]'));
  const known = entries.map(objectOf).filter((found) => found !== undefined);
  const left = new Set([...bookkeeping.map(foldName), ...known.flatMap(({ shadows }) => shadows)]);
  const kept = known.filter(({ ours, names }) => !ours && !names.some((name) => left.has(name)));
  return { objects: kept.map(({ object }) => object) };
}

interface Known {
  readonly object: SchemaObject;
  /** Its own name and its table's, in lower case. */
  readonly names: readonly string[];
  readonly ours: boolean;
  readonly shadows: readonly string[];
}

/** The text is the whole truth about an object, so equal texts share their normal form across schemas. */
function objectOf([type, name, table, sql]: Entry): Known | undefined {
  if (type !== 'table' && type !== 'index' && type !== 'view' && type !== 'trigger') return undefined;
  const found = cache.get(sql);
  // A statement's name and table are in its text, but for their letter case after a rename.
  if (found && found.object.name === name && found.object.table === table) return found;
  const shadows = mayHaveShadows.test(sql) ? shadowTablesOf(name, sql) : [];
  const known: Known = {
    object: lazily(type, name, table, sql),
    names: [foldName(name), foldName(table)],
    ours: isOurs(name) || isOurs(table),
    shadows,
  };
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(sql, known);
  return known;
}

const mayHaveShadows = /virtual|libsql_vector_idx/i;
const cache = new Map<string, Known>();
const cacheLimit = 50_000;

/** The display form is made when it is looked at: most objects are only compared. */
function lazily(type: SchemaObject['type'], name: string, table: string, sql: string): SchemaObject {
  let display: string | undefined;
  return {
    type,
    name,
    table,
    normal: sayObject(type, sql, 'normal'),
    get display() {
      display ??= sayObject(type, sql, 'display');
      return display;
    },
  };
}
