import { execFile } from 'node:child_process';
import { globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitMigration } from '../../../src/sql/split.ts';
import { databaseIds, startD1Engine, type D1Engine } from '../../support/d1-engine.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runRewritten } from './support.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const modules = {
  'drizzle-kit 0.31': join(root, 'node_modules'),
  'drizzle-kit 1.0': join(root, 'test/peers/drizzle-1/node_modules'),
};
const families = {
  cascade: 'cascade',
  nulled: 'set null',
  defaulted: 'set default',
  kept: 'no action',
  strict: 'restrict',
};

let d1: D1Engine;
beforeAll(async () => {
  d1 = await startD1Engine({ ids: databaseIds(6) });
}, 30_000);
afterAll(async () => {
  await d1[Symbol.asyncDispose]();
});

/** For each action of a foreign key users ← posts ← comments, and a table that refers to itself; then users changes. */
function schemaFile(name: 'text()' | 'text().notNull()'): string {
  const tables = Object.entries(families).map(
    ([family, action]) => `
      export const users_${family} = sqliteTable('users_${family}', { id: integer().primaryKey(), name: ${name}, email: text() }, (t) => [uniqueIndex('email_${family}').on(t.email)]);
      export const posts_${family} = sqliteTable('posts_${family}', { id: integer().primaryKey(), user: integer().references(() => users_${family}.id, { onDelete: '${action}' }), title: text() });
      export const comments_${family} = sqliteTable('comments_${family}', { id: integer().primaryKey(), post: integer().references(() => posts_${family}.id, { onDelete: '${action}' }) });
      export const trees_${family} = sqliteTable('trees_${family}', { id: integer().primaryKey(), up: integer().references((): AnySQLiteColumn => trees_${family}.id, { onDelete: '${action}' }), name: ${name} });`,
  );
  return `import { integer, sqliteTable, text, uniqueIndex, type AnySQLiteColumn } from 'drizzle-orm/sqlite-core';\n${tables.join('')}`;
}

const rows = Object.keys(families).flatMap((family) => [
  `INSERT INTO users_${family} VALUES (1, 'Ada', 'a'), (2, 'Ben', NULL), (7, 'Cay', 'c')`,
  `INSERT INTO posts_${family} VALUES (1, 1, 'x'), (2, 7, NULL), (3, NULL, 'z')`,
  `INSERT INTO comments_${family} VALUES (1, 1), (2, 2), (3, NULL), (4, 2)`,
  `INSERT INTO trees_${family} VALUES (1, NULL, 'root'), (2, 1, 'a'), (3, 2, 'b'), (4, 1, 'c')`,
]);

/** The two migrations that drizzle-kit writes. */
async function generated(nodeModules: string): Promise<readonly (readonly string[])[]> {
  await using folder = await temporaryFolder();
  symlinkSync(nodeModules, join(folder.path, 'node_modules'));
  for (const name of ['text()', 'text().notNull()'] as const) {
    writeFileSync(join(folder.path, 'schema.ts'), schemaFile(name));
    await promisify(execFile)(
      join(nodeModules, '.bin', 'drizzle-kit'),
      [
        'generate',
        '--dialect',
        'sqlite',
        '--schema',
        'schema.ts',
        '--out',
        'out',
        '--name',
        name === 'text()' ? 'a' : 'b',
      ],
      { cwd: folder.path },
    );
  }
  return globSync('out/**/*.sql', { cwd: folder.path })
    .toSorted()
    .map((file) => splitMigration(readFileSync(join(folder.path, file), 'utf8')).map(({ sql }) => sql));
}

const withoutPragmas = (sql: readonly string[]) => sql.filter((statement) => !/^PRAGMA/i.test(statement));

describe.each(Object.entries(modules))(
  'the rebuild that %s writes, of five tables that others refer to',
  (_name, nodeModules) => {
    let made: readonly (readonly string[])[] = [];
    beforeAll(async () => {
      made = await generated(nodeModules);
    }, 60_000);

    test.each<[string, (sql: readonly string[]) => readonly string[]]>([
      ['as it is', (sql) => sql],
      ['with defer_foreign_keys', (sql) => ['PRAGMA defer_foreign_keys=ON', ...withoutPragmas(sql)]],
      [
        'with defer_foreign_keys on and off',
        (sql) => ['PRAGMA defer_foreign_keys=ON', ...withoutPragmas(sql), 'PRAGMA defer_foreign_keys=OFF'],
      ],
    ])('%s, keeps every child once it is rewritten', async (_variant, changed) => {
      const [first = [], second = []] = made;
      expect(second.filter((sql) => sql.startsWith('DROP TABLE'))).toHaveLength(10);
      const rewriting = await runRewritten(d1.next(), {
        given: [...first, ...rows],
        migration: changed(second),
      });
      expect(rewriting.kind).toBe('rewritten');
    });
  },
);
