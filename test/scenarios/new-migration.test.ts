import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { openSession } from '../../src/session.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { wranglerFolder } from '../support/wrangler-folder.ts';

const kits: Readonly<Record<DrizzleLine, string>> = {
  'drizzle-0': join(packageRoot(), 'node_modules'),
  'drizzle-1': join(packageRoot(), 'test/peers/drizzle-1/node_modules'),
};

describe.each(['drizzle-0', 'drizzle-1'] as const)('a migration of one’s own in a folder of %s', (line) => {
  test('is what drizzle-kit generate --custom writes, is run by drizzle-orm, and drizzle-kit goes on from it', async () => {
    await using project = await generated(line);
    await kit(project, line, 'generate', '--custom', '--name', 'by_kit');
    const { tag, file } = await make(project, { name: 'by_us' });
    expect(tag).toMatch(line === 'drizzle-0' ? /^0002_by_us$/ : /^\d{14}_by_us$/);
    expect(await read(project, file)).toBe(await read(project, await fileOf(project, 'by_kit')));
    expect(await snapshotOf(project, 'by_us')).toEqual({
      ...(await snapshotOf(project, 'by_kit')),
      id: expect.any(String),
      ...(line === 'drizzle-0'
        ? { prevId: (await snapshotOf(project, 'by_kit'))['id'] }
        : { prevIds: [(await snapshotOf(project, 'by_kit'))['id']] }),
    });
    expect(await kit(project, line, 'generate')).toContain('No schema changes');
    await kit(project, line, 'check');
    await writeFile(project.file(file), "INSERT INTO a (b) VALUES ('x');");
    await writeFile(project.file(await fileOf(project, 'by_kit')), "INSERT INTO a (b) VALUES ('y');");
    const client = createClient({ url: `file:${project.file('app.db')}` });
    await drizzleLines[line].migrate(client, project.file('drizzle'));
    const { rows } = await client.execute('SELECT b FROM a ORDER BY id');
    client.close();
    expect(rows.map(({ b }) => b)).toEqual(['y', 'x']);
  }, 60_000);
});

test('in a folder of Drizzle 1.0 with two migrations of one second, the new one goes on from the later', async () => {
  await using project = await generated('drizzle-1');
  const [first = ''] = await readdir(project.file('drizzle'));
  const second = first.replace(/_.*/, '_a');
  expect(second < first).toBe(true);
  const { id, ...rest } = JSON.parse(await read(project, `drizzle/${first}/snapshot.json`));
  await mkdir(project.file(`drizzle/${second}`));
  await writeFile(project.file(`drizzle/${second}/migration.sql`), 'SELECT 1;');
  const snapshot = JSON.stringify({ ...rest, id: 'the later', prevIds: [id] });
  await writeFile(project.file(`drizzle/${second}/snapshot.json`), snapshot);
  await make(project, { name: 'by_us' });
  expect(await snapshotOf(project, 'by_us')).toMatchObject({ prevIds: ['the later'] });
});

test('in a folder whose newest migration is of tomorrow, the new one is later still, as Drizzle never runs an older one', async () => {
  await using project = await generated('drizzle-0');
  const path = project.file('drizzle/meta/_journal.json');
  const journal = JSON.parse(await readFile(path, 'utf8'));
  const tomorrow = Date.now() + 86_400_000;
  journal.entries[0].when = tomorrow;
  await writeFile(path, JSON.stringify(journal));
  await make(project, { name: 'later' });
  const { entries } = JSON.parse(await readFile(path, 'utf8'));
  expect(entries.map(({ when }: { when: number }) => when)).toEqual([tomorrow, tomorrow + 1]);
});

test('a SQL file that lies beside the journal is registered as it is', async () => {
  await using project = await generated('drizzle-0');
  await writeFile(project.file('drizzle/0001_mine.sql'), "INSERT INTO a (b) VALUES ('mine');");
  const { tag } = await make(project, { from: 'drizzle/0001_mine.sql' });
  expect(tag).toBe('0001_mine');
  expect(await read(project, 'drizzle/0001_mine.sql')).toBe("INSERT INTO a (b) VALUES ('mine');");
  const again = make(project, { from: 'drizzle/0001_mine.sql' });
  await expect(again).rejects.toThrow('is in the journal already. Nothing was written.');
});

test('with a name and a file from elsewhere the new migration has its statements', async () => {
  await using project = await generated('drizzle-0');
  await writeFile(project.file('draft.sql'), "INSERT INTO a (b) VALUES ('drafted');\n");
  const { tag, file } = await make(project, { name: 'catch_up', from: 'draft.sql' });
  expect(tag).toBe('0001_catch_up');
  expect(await read(project, file)).toBe("INSERT INTO a (b) VALUES ('drafted');\n");
  expect(await read(project, 'drizzle/meta/_journal.json')).toContain('"0001_catch_up"');
});

test('a file of the folder is registered without a name, and one that is not there is no migration', async () => {
  await using project = await generated('drizzle-0');
  await writeFile(project.file('drizzle/0001_mine.sql'), 'SELECT 1;');
  const before = await readdir(project.file('drizzle'));
  await expect(make(project, { name: 'mine', from: 'drizzle/0001_mine.sql' })).rejects.toThrow(
    'lies in the migration folder. Nothing was written.',
  );
  await expect(make(project, { name: 'mine', from: 'nothing.sql' })).rejects.toThrow('does not exist');
  await expect(make(project, { name: 'mine', from: 'drizzle/nothing.sql' })).rejects.toMatchObject({
    message: expect.stringMatching(/nothing\.sql does not exist\. Nothing was written\.$/),
    next: 'Name a file of SQL.',
  });
  expect(await readdir(project.file('drizzle'))).toEqual(before);
});

test.each(['../up', 'a/b', ' ', 'a\u0007b'])(
  '%j is refused as a name, and nothing is written',
  async (name) => {
    await using project = await generated('drizzle-0', { snapshots: 'left-out' });
    const before = await readdir(project.file('drizzle'));
    await expect(make(project, { name })).rejects.toThrow('cannot name a migration');
    expect(await readdir(project.file('drizzle'))).toEqual(before);
  },
);

test('without the snapshot before it nothing is written', async () => {
  await using project = await generated('drizzle-0', { snapshots: 'left-out' });
  const before = await readFile(project.file('drizzle/meta/_journal.json'), 'utf8');
  await expect(make(project, { name: 'next' })).rejects.toThrow(/0000_snapshot\.json is not there/);
  expect(await readFile(project.file('drizzle/meta/_journal.json'), 'utf8')).toBe(before);
  expect(existsSync(project.file('drizzle/0001_next.sql'))).toBe(false);
});

test('in a folder that wrangler runs, it is the next number, and wrangler lists it', async () => {
  await using wrangler = await wranglerFolder({
    '0001_first.sql': 'CREATE TABLE a (id integer);',
  });
  const root = join(wrangler.folder, '..');
  await using session = await sessionIn(root);
  const { tag, file } = await session.makeMigration({
    database: undefined,
    name: 'back fill',
    from: undefined,
  });
  expect(tag).toBe('0002_back_fill');
  expect(await readFile(join(root, file), 'utf8')).toMatch(
    /^-- Migration number: 0002 \t \d{4}-\d\d-\d\dT[\d:.]+Z\n$/,
  );
  expect((await wrangler.list()).names).toEqual(['0001_first.sql', '0002_back_fill.sql']);
}, 60_000);

test('a file that wrangler runs as it lies there needs no registration, which is said, and of no journal', async () => {
  await using wrangler = await wranglerFolder({ '0001_first.sql': 'CREATE TABLE a (id integer);' });
  await using session = await sessionIn(join(wrangler.folder, '..'));
  const wanted = { database: undefined, name: undefined, from: join(wrangler.folder, '0001_first.sql') };
  await expect(session.makeMigration(wanted)).rejects.toThrow(
    /0001_first\.sql is a migration already: wrangler runs every SQL file of the folder, .* Nothing was written\./,
  );
});

test('the first one in a wrangler project makes the folder, as wrangler does', async () => {
  await using project = await sharing('');
  const { tag, written } = await make(project, { name: 'first' });
  expect({ tag, written }).toEqual({ tag: '0001_first', written: ['migrations/0001_first.sql'] });
});

test('databases that share a folder count on together, and a name that is another’s is refused', async () => {
  await using project = await sharing(
    "auth: { migrations: 'migrations', bookkeeping: 'd1', only: ['*_keys'] },",
  );
  expect((await make(project, { name: 'users', database: 'app' })).tag).toBe('0001_users');
  expect((await make(project, { name: 'api_keys', database: 'auth' })).tag).toBe('0002_api_keys');
  await expect(make(project, { name: 'rooms', database: 'auth' })).rejects.toMatchObject({
    message:
      '0003_rooms would be no migration of auth but of app: it fits none of its patterns (*_keys). Nothing was written.',
    next: 'Choose a name that fits one of them.',
  });
  await expect(make(project, { name: 'old_keys', database: 'app' })).rejects.toMatchObject({
    message:
      '0003_old_keys would be no migration of app but of auth: it fits the patterns of that (*_keys). Nothing was written.',
  });
  expect(await readdir(project.file('migrations'))).toEqual(['0001_users.sql', '0002_api_keys.sql']);
});

/** A project without a migration, whose databases wrangler keeps. */
async function sharing(more: string): Promise<TemporaryFolder> {
  const project = await temporaryFolder();
  await writeFile(
    project.file('migrate-tui.config.mjs'),
    `export default { databases: { app: { migrations: 'migrations', bookkeeping: 'd1' }, ${more} }, environments: {} };`,
  );
  return project;
}

async function generated(
  line: DrizzleLine,
  { snapshots }: { readonly snapshots: 'kept' | 'left-out' } = { snapshots: 'kept' },
): Promise<TemporaryFolder> {
  const project = await temporaryFolder();
  await symlink(kits[line], project.file('node_modules'));
  const files = {
    'package.json': '{ "name": "own", "private": true }',
    'drizzle.config.ts':
      "export default { dialect: 'sqlite', schema: './schema.ts', out: './drizzle', dbCredentials: { url: 'file:app.db' } };",
    'schema.ts': [
      "import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';",
      "export const a = sqliteTable('a', { id: integer('id').primaryKey(), b: text('b') });",
    ].join('\n'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(project.file(name), text);
  if (snapshots === 'kept') {
    await kit(project, line, 'generate', '--name', 'adds_a');
    return project;
  }
  await mkdir(project.file('drizzle/meta'), { recursive: true });
  await writeFile(project.file('drizzle/0000_first.sql'), 'CREATE TABLE a (id integer);');
  await writeFile(
    project.file('drizzle/meta/_journal.json'),
    JSON.stringify({
      version: '7',
      dialect: 'sqlite',
      entries: [{ idx: 0, version: '6', when: 1_700_000_000_000, tag: '0000_first', breakpoints: true }],
    }),
  );
  return project;
}

async function kit(project: TemporaryFolder, line: DrizzleLine, ...args: readonly string[]): Promise<string> {
  const program = join(kits[line], 'drizzle-kit/bin.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { cwd: project.path });
  return stdout;
}

async function make(
  project: TemporaryFolder,
  { database, name, from }: { readonly database?: string; readonly name?: string; readonly from?: string },
) {
  await using session = await sessionIn(project.path);
  return await session.makeMigration({ database, name, from });
}

function sessionIn(cwd: string) {
  return openSession({ cwd, config: undefined, project: undefined, env: process.env, showValues: 'hide' });
}

const read = (project: TemporaryFolder, file: string) => readFile(project.file(file), 'utf8');

/** The SQL file of the migration with a name, below the project. */
async function fileOf(project: TemporaryFolder, name: string): Promise<string> {
  const all = await readdir(project.file('drizzle'), { recursive: true });
  const found = all.find((path) => path.includes(name) && path.endsWith('.sql'));
  if (found === undefined) throw new Error(`No migration is named ${name}.`);
  return join('drizzle', found);
}

async function snapshotOf(project: TemporaryFolder, name: string): Promise<Record<string, unknown>> {
  const file = await fileOf(project, name);
  const path = file.endsWith('migration.sql')
    ? join(file, '..', 'snapshot.json')
    : join('drizzle/meta', `${/(\d+)_/.exec(file)?.[1]}_snapshot.json`);
  return JSON.parse(await read(project, path));
}
