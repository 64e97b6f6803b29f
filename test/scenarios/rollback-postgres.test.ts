import { Client } from 'pg';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { program, startProgram, type Line, type ProgramOptions } from '../support/program.ts';
import { withUndo, type RollbackProject } from '../support/rollback-project.ts';
import { smallProject } from '../support/small-project.ts';

let server: PostgresServer;
let built: string;
beforeAll(async () => {
  [server, built] = await Promise.all([postgresServer(), builtPackage()]);
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

let database: PostgresDatabase;
let project: RollbackProject;
let place: ProgramOptions;
let client: Client & AsyncDisposable;
beforeEach(async () => {
  database = await server.createDatabase();
  project = withUndo(smallProject('empty', 'postgresql'));
  project.configure({
    environments: {
      staging: { targets: { app: 'env:STAGING_URL' } },
      local: { targets: { app: `pglite:${join(project.root, 'local.pglite')}` } },
    },
  });
  project.add('0000_teams', [
    'CREATE TABLE "teams" ("id" serial PRIMARY KEY, "name" text NOT NULL);',
    `INSERT INTO "teams" ("name") VALUES ('red'), ('blue');`,
  ]);
  project.add('0001_members', [
    'CREATE TABLE "members" ("id" serial PRIMARY KEY, "team" integer REFERENCES "teams"("id"));',
  ]);
  project.add('0002_colours', [
    `CREATE TYPE "colour" AS ENUM ('red', 'blue');`,
    'ALTER TABLE "teams" ADD COLUMN "colour" "colour";',
  ]);
  project.undo('0001_members', ['DROP TABLE "members";']);
  project.undo('0002_colours', ['ALTER TABLE "teams" DROP COLUMN "colour";', 'DROP TYPE "colour";']);
  place = { cwd: project.root, env: { ...project.env, STAGING_URL: database.url }, built };
  client = await database.connect();
}, 60_000);
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  project[Symbol.dispose]();
});

const run = (...words: readonly string[]) => program([...words, '--json'], place);

describe.each(['staging', 'local'])('on PostgreSQL, %s', (environment) => {
  test('migrations are taken back whole, and a deploy runs them again', { timeout: 180_000 }, async () => {
    expect((await run('deploy', environment, '--yes')).exitCode).toBe(0);
    const back = await run('rollback', environment, '--to', '0000', '--yes');
    expect(back.last, back.stdout).toMatchObject({
      kind: 'done',
      undone: [{ tag: '0002_colours' }, { tag: '0001_members' }],
    });
    const rehearsed = back.lines.find(({ kind }) => kind === 'rehearsed');
    expect(rulesIn(rehearsed)).not.toContain('rollback-unproven');
    expect(rulesIn(rehearsed)).not.toContain('rollback-differs');
    expect((await run('verify', environment)).exitCode).toBe(0);
    const again = await run('deploy', environment, '--yes');
    expect(again.last).toMatchObject({ kind: 'done', applied: { length: 2 } });
  });
});

describe('on a server', { timeout: 180_000 }, () => {
  test('a type that the rollback file leaves is named', async () => {
    expect((await run('apply', 'staging', '--yes')).exitCode).toBe(0);
    project.undo('0002_colours', ['ALTER TABLE "teams" DROP COLUMN "colour";']);
    const told = await run('rollback', 'staging', '--to', '0001');
    expect(told.exitCode).toBe(4);
    expect(told.lines.find(({ kind }) => kind === 'rehearsed')).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining('leaves type colour') }),
      ]),
    });
  });

  test('a rollback file that is no transaction is refused by name', async () => {
    expect((await run('apply', 'staging', '--yes')).exitCode).toBe(0);
    project.undo('0002_colours', ['DROP INDEX CONCURRENTLY "teams_name";']);
    const refused = await run('rollback', 'staging', '--to', '0001', '--yes');
    expect(refused.last).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(
        '0002_colours.rollback.sql cannot run as one transaction (statement 1: DROP INDEX CONCURRENTLY)',
      ),
    });
  });

  test('killed in the second of two: the first is back, the second is whole, and a second rollback completes', async () => {
    expect((await run('apply', 'staging', '--yes')).exitCode).toBe(0);
    await client.query('BEGIN; LOCK TABLE members IN ACCESS SHARE MODE');
    await using running = await startProgram(
      ['rollback', 'staging', '--to', '0000', '--yes', '--json'],
      place,
    );
    await running.line(isStatementOf('0001_members'));
    running.signal('SIGKILL');
    await running.ended;
    await client.query('COMMIT');
    const status = await run('status', 'staging');
    expect(JSON.stringify(status.last)).toMatch(/of \S+ was cut off.*The same rollback goes on/);
    expect(stateOf(status.last)).toEqual({
      '0000_teams': 'applied',
      '0001_members': 'applied',
      '0002_colours': 'pending',
    });
    const done = await run('rollback', 'staging', '--to', '0000', '--yes');
    expect(done.last, done.stdout).toMatchObject({ kind: 'done', undone: [{ tag: '0001_members' }] });
    expect((await run('verify', 'staging')).exitCode).toBe(0);
  });

  test('of two at once one waits outside, and nothing is taken back twice', async () => {
    expect((await run('apply', 'staging', '--yes')).exitCode).toBe(0);
    await client.query('BEGIN; LOCK TABLE members IN ACCESS SHARE MODE');
    const words = ['rollback', 'staging', '--to', '0000', '--yes', '--json'];
    await using first = await startProgram(words, place);
    await first.line(isStatementOf('0001_members'));
    expect((await program(words, place)).last).toMatchObject({ code: 'locked', exitCode: 4 });
    await client.query('COMMIT');
    expect((await first.ended).exitCode).toBe(0);
  });
});

function isStatementOf(tag: string) {
  return (line: Line) => line['kind'] === 'statement' && line['step'] === 'migrate' && line['tag'] === tag;
}

function rulesIn(line: Line | undefined): readonly string[] {
  const findings: readonly { readonly rule: string }[] = JSON.parse(JSON.stringify(line?.['findings'] ?? []));
  return findings.map(({ rule }) => rule);
}

function stateOf(status: Line | undefined): Readonly<Record<string, string>> {
  const read: {
    readonly environments: readonly {
      readonly targets: readonly {
        readonly items: readonly { readonly tag: string; readonly state: string }[];
      }[];
    }[];
  } = JSON.parse(JSON.stringify(status));
  const items = read.environments[0]?.targets[0]?.items ?? [];
  return Object.fromEntries(items.map(({ tag, state }) => [tag, state]));
}
