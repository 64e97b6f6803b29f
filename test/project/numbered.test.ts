import { expect, test } from 'vitest';
import { place, type Place } from './support.ts';

const numbered = { 'migrations/0001_users.sql': 'CREATE TABLE users (id TEXT);' };

function configured(database: object, target = 'file:app.db') {
  return {
    'migrate-tui.config.json': JSON.stringify({
      databases: { app: { migrations: 'migrations', ...database } },
      environments: { local: { targets: { app: target } } },
    }),
  };
}

async function recordedIn(project: Place) {
  const [database] = (await project.read()).databases;
  return { bookkeeping: database?.bookkeeping, table: database?.table, tableSchema: database?.tableSchema };
}

test('a folder of numbered files is recorded in _migrations without a word about it', async () => {
  using project = place({ ...numbered, ...configured({}) });
  expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'numbered', table: '_migrations' });
});

test('on PostgreSQL that table is in public, and either may be called otherwise', async () => {
  using project = place({ ...numbered, ...configured({}, 'postgres://localhost/app') });
  expect(await recordedIn(project)).toEqual({
    bookkeeping: 'numbered',
    table: '_migrations',
    tableSchema: 'public',
  });
  project.write(configured({ table: 'versions', tableSchema: 'ops' }, 'postgres://localhost/app'));
  expect(await recordedIn(project)).toMatchObject({ table: 'versions', tableSchema: 'ops' });
});

test("a folder that wrangler reads is wrangler's, unless the configuration says numbered", async () => {
  using project = place({
    ...numbered,
    ...configured({}),
    'wrangler.json': JSON.stringify({
      name: 'w',
      d1_databases: [{ binding: 'DB', database_name: 'd', database_id: 'i', migrations_dir: 'migrations' }],
    }),
  });
  expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'd1', table: 'd1_migrations' });
  project.write(configured({ bookkeeping: 'numbered' }));
  expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'numbered', table: '_migrations' });
});

test('a folder that a Drizzle configuration names is Drizzle’s, also where its journal is lost', async () => {
  const config = (text: string) => ({ 'drizzle.config.json': text });
  using project = place({
    ...numbered,
    ...configured({}),
    ...config(JSON.stringify({ dialect: 'sqlite', out: './migrations', schema: './schema.ts' })),
  });
  expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'drizzle', table: '__drizzle_migrations' });
  project.write(configured({ table: 't' }));
  project.write(config('{'));
  expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'drizzle', table: 't' });
});

test('a journal, folders of Drizzle 1.0, or files without a number leave a folder to Drizzle', async () => {
  const folders: readonly Readonly<Record<string, string>>[] = [
    { ...numbered, 'migrations/meta/_journal.json': '{"version":"7","dialect":"sqlite","entries":[]}' },
    { ...numbered, 'migrations/20240101000000_a/migration.sql': 'SELECT 1;' },
    { 'migrations/2fa_tables.sql': 'SELECT 1;', 'migrations/0001_a.rollback.sql': 'SELECT 1;' },
    {},
  ];
  for (const files of folders) {
    using project = place({ ...files, ...configured({}) });
    expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'drizzle' });
  }
});

test('where numbered files lie and nothing says where their database is, what would say it is shown', async () => {
  using project = place({ 'package.json': '{}', ...numbered });
  const { next = '' } = await project.refusal();
  expect(next).toMatch(
    /^migrations has numbered SQL files; a migrate-tui\.config\.json says where their database is: /,
  );
  project.write({ 'migrate-tui.config.json': next.slice(next.indexOf('{')) });
  expect(await recordedIn(project)).toMatchObject({ bookkeeping: 'numbered' });
});
