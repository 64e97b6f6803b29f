import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtPackage, programOf } from '../support/built-package.ts';
import { nameOf, program, startProgram } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(async () => {
  project = smallProject();
  await run('deploy', 'staging', '--yes', '--json');
  project.add('0002_more', ['ALTER TABLE teams ADD note text;']);
  project.add('0003_more', ["INSERT INTO teams (name) VALUES ('green');"]);
});
afterEach(() => project[Symbol.dispose]());

const deploy = ['deploy', 'staging', '--yes', '--json'];

describe('a ledger that cannot be written', () => {
  test('before: no run begins, exit 1, the target is untouched', async () => {
    const ledger = join(project.root, '.migrate-tui', 'ledger.db');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${ledger}${suffix}`, { force: true });
    mkdirSync(ledger);
    expect(await run(...deploy)).toMatchObject({ exitCode: 1, last: { kind: 'failed', code: 'storage' } });
    expect(records()).toBe(2);
  });

  test('before the first unit: the unit does not start, exit 1', async () => {
    const { exitCode, last } = await brokenAt('step-finished dry-run');
    expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { code: 'storage', applied: [] } });
    expect(last).not.toHaveProperty('failed');
    expect(last).toMatchObject({ notBegun: [{ tag: '0002_more' }, { tag: '0003_more' }] });
    expect(records()).toBe(2);
    expect(columnsOfTeams()).toBe(2);
  });

  test('in the middle: exit 5, the next unit does not start, and the record in the target decides', async () => {
    addSlow();
    const { exitCode, last } = await brokenAt('statement migrate', '0004_slow');
    expect({ exitCode, last }).toMatchObject({
      exitCode: 5,
      last: {
        code: 'stopped-part-way',
        applied: [{}, {}, { tag: '0004_slow' }],
        notBegun: [{ tag: '0005_last' }],
      },
    });
    expect(last).not.toHaveProperty('failed');
    expect(records()).toBe(5);
    rmSync(join(project.root, '.migrate-tui'), { recursive: true });
    expect(await run(...deploy)).toMatchObject({ exitCode: 0, last: { applied: [{ tag: '0005_last' }] } });
  });
});

test('a run of whose events some are damaged is shown with the others', async () => {
  const file = join(project.root, '.migrate-tui/runs/1.ndjson');
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(5);
  writeFileSync(file, lines.with(1, '{"kind": \u0000').with(2, 'null').join('\n'));
  const { exitCode, last } = await run('show', '1', '--json');
  expect({ exitCode, last }).toMatchObject({ exitCode: 0, last: { kind: 'run', summary: { run: 1 } } });
  expect(last?.['events']).toHaveLength(lines.filter((line) => line !== '').length - 2);
  expect((await run('show', '1')).exitCode).toBe(0);
});

describe('a ledger that is deleted during a run', () => {
  const deleted = () => rmSync(join(project.root, '.migrate-tui'), { recursive: true });

  test('before the first unit: the unit does not start, exit 1', async () => {
    const { exitCode, last } = await brokenAt('step-finished dry-run', undefined, deleted);
    expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { code: 'storage', applied: [] } });
    expect(last).not.toHaveProperty('failed');
    expect(last).toMatchObject({ notBegun: [{ tag: '0002_more' }, { tag: '0003_more' }] });
    expect(last?.['message']).toContain('was deleted or moved meanwhile');
    expect(records()).toBe(2);
  });

  test('in the middle: exit 5, the next unit does not start, and the next run makes a new one', async () => {
    addSlow();
    const { exitCode, last } = await brokenAt('statement migrate', '0004_slow', deleted);
    expect({ exitCode, last }).toMatchObject({
      exitCode: 5,
      last: { code: 'stopped-part-way', notBegun: [{ tag: '0005_last' }] },
    });
    expect(records()).toBe(5);
    expect(value('SELECT run FROM __migrate_tui_lease')).toBeNull();
    expect(await run(...deploy)).toMatchObject({ exitCode: 0, last: { applied: [{ tag: '0005_last' }] } });
  });
});

describe('a disk that takes no more', () => {
  test('for the backup: exit 1, the target is untouched, and nothing is taken for a backup', async () => {
    change(`CREATE TABLE big AS ${blobs(400)}`);
    const full = await limited(200, ...deploy);
    expect(full).toMatchObject({ exitCode: 1, last: { kind: 'failed', applied: [] } });
    expect(full.last?.['code']).toMatch(/storage|backup-failed/);
    expect(records()).toBe(2);
    expect(await backups()).toEqual([]);
  });

  test('for the dry-run: refused, the target is untouched, no row data is left behind', async () => {
    project.add('0004_big', [`CREATE TABLE big AS ${blobs(2000)};`]);
    const full = await limited(1000, ...deploy);
    expect(full.last).toMatchObject({ kind: 'failed', applied: [] });
    expect(full.exitCode === 1 || full.exitCode === 4).toBe(true);
    expect(records()).toBe(2);
    expect(await scratch()).toEqual([]);
  });

  test('for the target: what was committed stays, the migration that did not fit is undone in full', async () => {
    project.add('0004_big', [`CREATE TABLE big AS ${blobs(2000)};`]);
    const full = await limited(1000, 'apply', 'staging', '--yes', '--json');
    expect(full).toMatchObject({
      exitCode: 5,
      last: { applied: [{ tag: '0002_more' }, { tag: '0003_more' }], failed: { tag: '0004_big' } },
    });
    expect(records()).toBe(4);
    expect(value('PRAGMA integrity_check')).toBe('ok');
    expect(value("SELECT count(*) FROM sqlite_schema WHERE name = 'big'")).toBe(0);
    expect(await run(...deploy)).toMatchObject({ exitCode: 0 });
  });
});

describe('who reads the output', () => {
  test('and goes away after one line ends the run at the next boundary', async () => {
    addSlow();
    const child = await piped('| head -1');
    const [exitCode] = await once(child, 'close');
    const applied = records() - 2;
    expect(exitCode).toBe(applied === 0 ? 130 : applied === 4 ? 0 : 5);
    expect(value('SELECT run FROM __migrate_tui_lease')).toBeNull();
  });

  test('and stops reading holds nothing up: the run ends, and the lock is given back', async () => {
    project.add(
      '0004_many',
      Array.from({ length: 600 }, (_, n) => `INSERT INTO teams (name) VALUES ('team ${n}');`),
    );
    const running = await startProgram(deploy, at());
    await using _ended = running;
    running.process.stdout?.pause();
    const events = join(project.root, '.migrate-tui', 'runs', '2.ndjson');
    await until(
      () =>
        statSync(events, { throwIfNoEntry: false }) !== undefined &&
        readFileSync(events, 'utf8').includes('"kind":"done"'),
    );
    expect(records()).toBe(5);
    expect(value('SELECT run FROM __migrate_tui_lease')).toBeNull();
    running.process.stdout?.resume();
    expect((await running.ended).exitCode).toBe(0);
    expect(readFileSync(events, 'utf8').trimEnd().split('\n')).toHaveLength(running.lines.length);
  });
});

describe('a backup', () => {
  test('that was damaged on disk is not restored', async () => {
    await run('backup', 'staging', '--json');
    const copy = join(await folderOf('b1'), 'app.db');
    const bytes = readFileSync(copy);
    const at100 = bytes.length - 100;
    bytes[at100] = (bytes[at100] ?? 0) ^ 1;
    writeFileSync(copy, bytes);
    const before = contents();
    const refused = await run('restore', 'staging', 'b1', '--yes', '--json');
    expect(refused).toMatchObject({ exitCode: 1, last: { code: 'backup-failed' } });
    expect(refused.last?.['message']).toContain('its checksum differs. Nothing was changed.');
    expect(await backups()).toEqual(['b1']);
    expect(contents()).toEqual(before);
  });

  test('brings back the exact rows, and never a live lease or an older epoch', async () => {
    const before = contents();
    expect(await run(...deploy)).toMatchObject({ exitCode: 0, last: { backup: 'b1' } });
    const epoch = Number(value('SELECT epoch FROM __migrate_tui_lease'));
    expect(await run('restore', 'staging', 'b1', '--yes', '--json')).toMatchObject({ exitCode: 0 });
    expect(contents()).toEqual(before);
    expect(value('SELECT run FROM __migrate_tui_lease')).toBeNull();
    expect(Number(value('SELECT epoch FROM __migrate_tui_lease'))).toBeGreaterThan(epoch);
    const status = await run('status', 'staging', '--json');
    expect(JSON.stringify(status.last)).not.toContain('cut off');
    expect(await run(...deploy)).toMatchObject({ exitCode: 0 });
  });
});

test('a backup of two databases is one set with one id, and each is restored from it', async () => {
  twoDatabases();
  expect(await run('backup', 'local', '--json')).toMatchObject({ exitCode: 0, last: { backup: 'b1' } });
  const folder = await folderOf('b1', 'local');
  expect(readdirSync(folder).toSorted()).toEqual(['app.db', 'auth.db', 'manifest.json']);
  write('auth.db', 'DELETE FROM keys');
  write('local.db', 'DELETE FROM shelves');
  expect(await run('restore', 'local', 'b1', '--yes', '--json')).toMatchObject({ exitCode: 2 });
  expect(await run('restore', 'local', 'b1', '--database', 'auth', '--yes', '--json')).toMatchObject({
    exitCode: 0,
  });
  expect([
    read('auth.db', 'SELECT count(*) FROM keys'),
    read('local.db', 'SELECT count(*) FROM shelves'),
  ]).toEqual([1, 0]);
});

function twoDatabases(): void {
  project.configure({
    databases: { app: { migrations: 'drizzle' }, auth: { migrations: 'drizzle' } },
    environments: { local: { targets: { app: 'file:local.db', auth: 'file:auth.db' } } },
  });
  write('local.db', 'CREATE TABLE shelves (id integer); INSERT INTO shelves VALUES (1)');
  write('auth.db', 'CREATE TABLE keys (id integer); INSERT INTO keys VALUES (1)');
}

function write(file: string, sql: string): void {
  using database = new DatabaseSync(join(project.root, file));
  database.exec(sql);
}

function read(file: string, sql: string) {
  using database = new DatabaseSync(join(project.root, file));
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

/** Deploys, and takes the ledger's table of units away at that line, or breaks what else it is told to. */
async function brokenAt(moment: string, tag?: string, breakIt = withoutUnits) {
  await using running = await startProgram(deploy, at());
  await running.line((line) => nameOf(line) === moment && (tag === undefined || line['tag'] === tag));
  running.signal('SIGSTOP');
  breakIt();
  running.signal('SIGCONT');
  const { exitCode } = await running.ended;
  return { exitCode, last: running.lines.at(-1) };
}

function withoutUnits(): void {
  using ledger = new DatabaseSync(join(project.root, '.migrate-tui', 'ledger.db'), { timeout: 10_000 });
  ledger.exec('DROP TABLE units');
}

function addSlow(): void {
  const many =
    'WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 300000) SELECT count(*) FROM c';
  project.add('0004_slow', [
    'CREATE TABLE slow (n integer);',
    ...Array.from({ length: 10 }, () => `INSERT INTO slow ${many};`),
  ]);
  project.add('0005_last', ['CREATE TABLE last (n integer);']);
}

/** Rows of 1 KiB. */
function blobs(count: number): string {
  return `WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < ${count}) SELECT n, randomblob(1024) AS data FROM c`;
}

/** No file may grow beyond so many KiB: what a program sees of a disk that is full. */
function limited(kib: number, ...args: readonly string[]) {
  return program(args, { ...at(), shell: `ulimit -f ${kib * 2} && exec "$@"` });
}

async function piped(pipe: string) {
  const command = `${JSON.stringify(process.execPath)} ${JSON.stringify(programOf(await builtPackage()))} ${deploy.join(' ')} ${pipe} > /dev/null; exit \${PIPESTATUS[0]}`;
  return spawn('bash', ['-c', command], {
    cwd: project.root,
    env: { ...process.env, ...project.env },
    stdio: 'ignore',
  });
}

/** Looks again whenever the process comes round to it, until the state is there. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function backups(): Promise<readonly string[]> {
  const { last } = await run('backups', 'staging', '--json');
  const listed: readonly { readonly id: string }[] = JSON.parse(JSON.stringify(last?.['backups']));
  return listed.map(({ id }) => id);
}

async function folderOf(id: string, environment = 'staging'): Promise<string> {
  const { last } = await run('backups', environment, '--json');
  const listed: readonly { readonly id: string; readonly path: string }[] = JSON.parse(
    JSON.stringify(last?.['backups']),
  );
  return listed.find((backup) => backup.id === id)?.path ?? '';
}

async function scratch(): Promise<readonly string[]> {
  const state = join(project.env['XDG_STATE_HOME'] ?? '', 'migrate-tui');
  return readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => /scratch\/./.test(name));
}

function contents() {
  using database = open();
  const rows = (table: string) =>
    database
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => ({ ...row }));
  return ['teams', 'members', '__drizzle_migrations'].map(rows);
}

const records = () => Number(value('SELECT count(*) FROM __drizzle_migrations'));
const columnsOfTeams = () => Number(value("SELECT count(*) FROM pragma_table_info('teams')"));

function value(sql: string) {
  using database = open();
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

function change(sql: string): void {
  using database = open();
  database.exec(sql);
}

function open() {
  return new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
}

function at() {
  return { cwd: project.root, env: project.env };
}

function run(...args: readonly string[]) {
  return program(args, at());
}
