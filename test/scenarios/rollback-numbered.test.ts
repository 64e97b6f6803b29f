import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

let home: string;
let root: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'migrate-tui-numbered-back-'));
  root = join(home, 'project');
  mkdirSync(join(root, 'migrations'), { recursive: true });
  const databases = {
    replica: { migrations: 'migrations', bookkeeping: 'numbered' },
    auth: { migrations: 'migrations', bookkeeping: 'numbered', only: ['*api_keys*', '*rooms*'] },
  };
  const environments = { local: { targets: { replica: 'file:replica.db', auth: 'file:auth.db' } } };
  writeFileSync(join(root, 'migrate-tui.config.json'), JSON.stringify({ databases, environments }));
  for (const [tag, table] of Object.entries(tables)) {
    writeFileSync(join(root, 'migrations', `${tag}.sql`), `CREATE TABLE ${table} (id TEXT PRIMARY KEY);\n`);
    writeFileSync(
      join(root, 'migrations', `${tag}.rollback.sql`),
      `-- Rollback migration ${tag}\nDROP TABLE IF EXISTS ${table};\n`,
    );
  }
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const tables = {
  '0001_read_replica_schema': 'tasks',
  '0002_api_keys': 'api_keys',
  '0003_vectors': 'vectors',
  '0004_rooms': 'rooms',
  '0006_users': 'users',
};

test('of numbered files every database goes back to the number, and its table forgets what came after', async () => {
  expect((await run('deploy', 'local', '--yes')).exitCode).toBe(0);
  const back = await run('rollback', 'local', '--to', '3', '--yes');
  expect(back.last, back.stdout).toMatchObject({
    kind: 'done',
    undone: [
      { database: 'auth', tag: '0004_rooms' },
      { database: 'replica', tag: '0006_users' },
    ],
  });
  expect(versionsIn('replica.db')).toEqual([1, 3]);
  expect(versionsIn('auth.db')).toEqual([2]);
  const all = await run('rollback', 'local', '--to', '0', '--yes');
  expect(all.last, all.stdout).toMatchObject({ kind: 'done', undone: { length: 3 } });
  expect(versionsIn('auth.db')).toEqual([]);
  expect((await run('deploy', 'local', '--yes')).last).toMatchObject({ applied: { length: 5 } });
});

test('a rollback file that takes the record of another migration away is undone in the dry-run', async () => {
  expect((await run('deploy', 'local', '--yes')).exitCode).toBe(0);
  const file = join(root, 'migrations', '0006_users.rollback.sql');
  writeFileSync(file, 'DROP TABLE users; DELETE FROM _migrations WHERE version IN (1, 6);');
  const refused = await run('rollback', 'local', '--to', '3', '--database', 'replica', '--yes');
  expect([refused.exitCode, refused.last]).toMatchObject([
    4,
    { code: 'rehearsal-failed', message: expect.stringContaining('records 1 afterwards instead of 2') },
  ]);
  expect(versionsIn('replica.db')).toEqual([1, 3, 6]);
  writeFileSync(file, 'DROP TABLE users; DELETE FROM _migrations WHERE version = 6;');
  const back = await run('rollback', 'local', '--to', '3', '--database', 'replica', '--yes');
  expect(back.last, back.stdout).toMatchObject({ kind: 'done', undone: [{ tag: '0006_users' }] });
  expect(versionsIn('replica.db')).toEqual([1, 3]);
});

function run(...argv: readonly string[]) {
  const env = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  return program.run([...argv, '--json'], { cwd: root, env });
}

function versionsIn(file: string): readonly unknown[] {
  using database = new DatabaseSync(join(root, file));
  return database
    .prepare('SELECT version FROM _migrations ORDER BY version')
    .all()
    .map(({ version }) => version);
}
