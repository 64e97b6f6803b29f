import { DatabaseSync } from 'node:sqlite';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import type { RandomFolder } from './random-folder.ts';
import { asking } from '../../src/sql/statement.ts';

/** What an application wrote in between is here what a migration of its own inserts. */
export function withSeed(
  { migrations, applied, rows }: RandomFolder,
  tagOf: (index: number) => string,
): readonly { readonly tag: string; readonly chunks: readonly string[] }[] {
  const seed = { tag: 'seed', chunks: rows.length === 0 ? ['SELECT 1;'] : rows };
  const all = [...migrations.slice(0, applied), seed, ...migrations.slice(applied)];
  return all.map(({ chunks }, index) => ({ tag: tagOf(index), chunks }));
}

/** Every object word for word, and every row of every table; records and what their table counts are left out. */
export function wordForWord(file: string): unknown {
  using database = new DatabaseSync(file, { readOnly: true });
  const objects = rowsOf(
    database,
    `SELECT type, name, sql FROM sqlite_schema WHERE ${notRecords('tbl_name')} ORDER BY 1, 2`,
  );
  return [objects, contentOf(database)];
}

/** What the schema means, and every row of every table: two ways to make the same may differ in their words. */
export async function inMeaning(file: string): Promise<unknown> {
  using database = new DatabaseSync(file, { readOnly: true });
  const schema = await readSchema(
    asking('sqlite', ({ sql }) => Promise.resolve(database.prepare(sql).all())),
  );
  return [fingerprint(schema), contentOf(database)];
}

function contentOf(database: DatabaseSync) {
  const tables = rowsOf(
    database,
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND ${notRecords('name')} AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1`,
  );
  return tables.map(({ name }) => {
    const where = name === 'sqlite_sequence' ? `WHERE ${notRecords('name')} ORDER BY name` : '';
    return [name, rowsOf(database, `SELECT * FROM "${String(name)}" ${where}`)];
  });
}

function rowsOf(database: DatabaseSync, sql: string) {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all().map((row) => ({ ...row }));
}

const notRecords = (name: string) =>
  `substr(${name}, 1, 2) <> '__' AND substr(${name}, 1, 4) <> '_cf_' AND ${name} <> 'd1_migrations'`;
