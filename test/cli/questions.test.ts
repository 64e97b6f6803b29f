import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byHand } from '../support/by-hand.ts';
import { cli } from '../support/cli.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeAll(async () => {
  project = smallProject();
  const applied = await ask('apply', 'local', '--yes');
  expect(applied).toMatchObject({ exitCode: 0 });
});
afterAll(() => project[Symbol.dispose]());

function ask(...args: readonly string[]) {
  return cli(args, { cwd: project.root, env: project.env });
}

async function askJson(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await ask(...args, '--json');
  const [line = '', ...more] = stdout.trimEnd().split('\n');
  expect(more).toEqual([]);
  const document: unknown = JSON.parse(line);
  return { exitCode, document, stderr };
}

describe('every question is one JSON document of its published shape', () => {
  test.each([
    ['status', ['status']],
    ['plan', ['plan', 'staging']],
    ['migration', ['migration', '0001']],
    ['backups', ['backups']],
    ['verify', ['verify', 'local']],
    ['runs', ['runs']],
    ['run', ['show', '1']],
    ['query', ['query', 'local', 'SELECT id, name, NULL AS missing FROM teams']],
    ['doctor', ['doctor']],
  ])('%s', async (schema, args) => {
    const { document } = await askJson(...args);
    expect(misfits(schema, document)).toEqual([]);
    expect(document).toMatchObject({ schemaVersion: 1, kind: schema });
  });

  test('status --stream is a line before any answer and a status a line after it', async () => {
    const { stdout } = await ask('status', '--stream', '--json');
    const [opening, ...statuses] = stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(misfits('status-opening', opening)).toEqual([]);
    expect(statuses).toHaveLength(3);
    for (const status of statuses) expect(misfits('status', status)).toEqual([]);
  });
});

describe('status', () => {
  test('shows each environment with what it has and lacks, without colours, and exits 0', async () => {
    const { exitCode, stdout, stderr } = await ask('status');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/local {2,}✓ current {2,}2 applied/);
    expect(stdout).toMatch(/production {2,}○ behind .*2 pending {2,}PROTECTED/);
    expect(stdout).toMatch(/0001_members {2}✓ applied {2}○ pending {2}○ pending/);
    expect(stdout).not.toContain('\u001b');
  });

  test('claims nothing of what did not answer, and says once what keeps several from it', async () => {
    using silent = smallProject();
    const nobody = { targets: { app: 'http://127.0.0.1:1' } };
    const asked = () => cli(['status'], { cwd: silent.root, env: silent.env });
    await cli(['apply', 'local', '--yes'], { cwd: silent.root, env: silent.env });
    await cli(['apply', 'staging', '--yes'], { cwd: silent.root, env: silent.env });
    silent.configureEnvironment('production', nobody);
    expect((await asked()).stdout).toContain('✓ 2 migrations applied in every environment that answered\n');
    silent.configureEnvironment('staging', nobody);
    const { stdout } = await asked();
    expect(stdout).toContain('✓ 2 migrations applied in local\n');
    expect(stdout).toMatch(/^ {2}staging, production: .*127\.0\.0\.1:1/m);
    expect(stdout).not.toMatch(/^ {2}staging: /m);
  });

  test('writes nothing: a database that is not there is behind and stays away', async () => {
    const before = readdirSync(project.root).toSorted();
    await ask('status');
    await ask('plan', 'production');
    expect(readdirSync(project.root).toSorted()).toEqual(before);
    expect(before).not.toContain('production.db');
  });

  test('--check exits 3 while something is behind, 0 when all is current', async () => {
    expect(await ask('status', 'staging', '--check')).toMatchObject({ exitCode: 3 });
    expect(await ask('status', 'local', '--check')).toMatchObject({ exitCode: 0 });
  });

  test('FORCE_COLOR colours a pipe, --ascii draws no other sign', async () => {
    const { stdout } = await cli(['status', '--ascii'], {
      cwd: project.root,
      env: { ...project.env, FORCE_COLOR: '1' },
    });
    expect(stdout).toContain('\u001b[32m');
    expect(stdout).toContain('+ current');
    // oxlint-disable-next-line no-control-regex -- everything that is not ASCII
    expect(stdout).not.toMatch(/[^\x00-\x7f]/);
  });

  test('an unknown environment is exit 2 and names those there are', async () => {
    const { exitCode, stderr } = await ask('status', 'stagin');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/stagin/);
    expect(stderr).toMatch(/staging/);
  });

  test('of one database leaves the others out, also line by line', async () => {
    using two = smallProject();
    mkdirSync(join(two.root, 'auth'));
    two.configure({
      databases: { app: { migrations: 'drizzle' }, auth: { migrations: 'auth' } },
      environments: { local: { targets: { app: 'file:local.db', auth: 'file:auth.db' } } },
    });
    const args = ['status', '--stream', '--json', '--database', 'app'];
    const { stdout } = await cli(args, { cwd: two.root, env: two.env });
    const [, status = ''] = stdout.split('\n');
    expect(JSON.parse(status)).toMatchObject({ environments: [{ targets: [{ database: 'app' }] }] });
  });

  test('without a command and without a terminal it is what is printed', async () => {
    expect((await ask()).stdout).toBe((await ask('status')).stdout);
  });
});

describe('a database that the project does not have', () => {
  test.each([
    [['status']],
    [['status', '--stream', '--json']],
    [['runs']],
    [['backups']],
    [['migration', '0001']],
  ])('is not taken for one without anything: %j', async (args) => {
    const { exitCode, stdout, stderr } = await ask(...args, '--database', 'ap');
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain('The project has no database ap.');
    expect(stdout + stderr).toContain('It has app.');
  });
});

describe('query', () => {
  test('prints the rows of a question', async () => {
    const { exitCode, stdout } = await ask('query', 'local', 'SELECT id, name FROM teams ORDER BY id');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['id', 'name'],
      ['1', 'red'],
      ['2', 'blue'],
      ['2 rows'],
      [''],
    ]);
  });

  test('cannot write, and says that nothing was changed', async () => {
    const { exitCode, document } = await askJson('query', 'local', 'DELETE FROM teams');
    expect(exitCode).not.toBe(0);
    expect(misfits('failure', document)).toEqual([]);
    const { stdout } = await ask('query', 'local', 'SELECT count(*) AS n FROM teams');
    expect(stdout).toContain('2');
  });
});

describe('failures before there is an answer', () => {
  test('no project: exit 2, where it looked and what to do', async () => {
    const { exitCode, stderr } = await cli(['status'], { cwd: '/', env: project.env });
    expect(exitCode).toBe(2);
    expect(stderr.trim().split('\n').length).toBeGreaterThan(1);
  });

  test('with --json it is one document of the published shape', async () => {
    const { stdout } = await cli(['status', '--json'], { cwd: '/', env: project.env });
    expect(misfits('failure', JSON.parse(stdout))).toEqual([]);
  });

  test('a command log that cannot be written is exit 2', async () => {
    const { exitCode, stderr } = await ask('status', '--log', '/no/such/folder/x');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('/no/such/folder/x');
  });
});

test('--log appends what was asked of the databases, one JSON object a line', async () => {
  await ask('status', 'local', '--log', 'log.ndjson');
  const { readFileSync } = await import('node:fs');
  const entries = readFileSync(`${project.root}/log.ndjson`, 'utf8').trimEnd().split('\n');
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries)
    expect(JSON.parse(entry)).toMatchObject({ access: 'read', environment: 'local' });
});

test('verify ends with 0 where a history cannot be replayed, and says that nothing was compared', async () => {
  using pulled = smallProject('empty');
  pulled.add('0000_note', ['ALTER TABLE notes ADD COLUMN at integer;']);
  await byHand(pulled, ['CREATE TABLE notes (id integer PRIMARY KEY)']);
  const run = (...args: readonly string[]) => cli(args, { cwd: pulled.root, env: pulled.env });
  expect(await run('apply', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  const verified = await run('verify', 'local');
  expect(verified.exitCode).toBe(0);
  expect(verified.stdout).toMatch(/^local was not compared with what its migrations make/);
  const { stdout } = await run('verify', 'local', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    equal: true,
    checks: expect.arrayContaining([expect.objectContaining({ check: 'schema', state: 'not-possible' })]),
  });
  expect((await run('drift', 'local', '--check')).exitCode).toBe(2);
});
