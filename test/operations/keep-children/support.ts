import { expect } from 'vitest';
import {
  keepChildren,
  renderMigration,
  type Rewriting,
} from '../../../src/operations/keep-children/keep-children.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { quoteName } from '../../../src/sql/quote.ts';
import { splitMigration } from '../../../src/sql/split.ts';
import { openMemory } from '../../schema/open-memory.ts';
import type { EngineDatabase } from '../../support/d1-engine.ts';

/** Every row of every table, values with their types, in the order of their keys. */
export async function contentOf({
  query,
}: Pick<EngineDatabase, 'query'>): Promise<Record<string, readonly unknown[]>> {
  const tables = await query({
    sql: "SELECT name, sql LIKE '%WITHOUT ROWID%' AS bare FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  });
  const content: Record<string, readonly unknown[]> = {};
  for (const { name, bare } of tables) {
    const columns = await query({
      sql: 'SELECT name FROM pragma_table_xinfo(?) ORDER BY name',
      args: [String(name)],
    });
    const values = columns.map((column) => quoteName(String(column['name'])));
    const all = values.map((column) => `quote(${column}) AS ${column}`);
    if (bare !== 1) all.unshift('_rowid_ AS "the rowid"');
    content[String(name)] = await query({
      sql: `SELECT ${all.join(', ')} FROM ${quoteName(String(name))} ORDER BY 1, 2`,
    });
  }
  return content;
}

/** What a migration was to give: the same statements where foreign keys can be off. */
export async function intended(given: readonly string[], migration: readonly string[]) {
  await using database = await openMemory(['PRAGMA foreign_keys = OFF', ...given]);
  for (const sql of migration) if (!/^PRAGMA/i.test(sql)) await database.run(sql);
  return { schema: await readSchema(database.query), content: await contentOf(database) };
}

/**
 * Runs a migration in D1, rewritten and read back from the text of a file, and holds schema and rows against
 * what it was to give. Nothing is run where it cannot be rewritten.
 */
export async function runRewritten(
  database: EngineDatabase,
  { given, migration }: { readonly given: readonly string[]; readonly migration: readonly string[] },
): Promise<Rewriting> {
  await database.batch(given);
  const rewriting = keepChildren({
    statements: migration.map((sql) => ({ sql })),
    schema: await readSchema(database.query),
  });
  if (rewriting.kind !== 'rewritten') return rewriting;
  const wanted = await intended(given, migration);
  const text = renderMigration(rewriting.statements);
  await database.batch(splitMigration(text).map(({ sql }) => sql)).catch((error: unknown) => {
    throw new Error(`${String(error)} in\n${given.join(';\n')};\n-- rewritten:\n${text}`, { cause: error });
  });
  expect(await contentOf(database), text).toEqual(wanted.content);
  expect((await readSchema(database.query)).objects.map(({ normal }) => normal)).toEqual(
    wanted.schema.objects.map(({ normal }) => normal),
  );
  expect(await database.query({ sql: 'PRAGMA foreign_key_check' })).toEqual([]);
  return rewriting;
}
