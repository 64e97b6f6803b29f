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

  test('a rollback file that is no transaction runs in parts', { timeout: 400_000 }, async () => {
    inParts();
    expect((await run('apply', environment, '--yes')).exitCode).toBe(0);
    const back = await run('rollback', environment, '--to', '0002', '--yes');
    expect(back.last, back.stdout).toMatchObject({ kind: 'done', undone: [{ tag: '0003_names' }] });
    expect(back.stdout).not.toContain('rollback-differs');
    const step = back.lines.find(({ kind, step: of }) => kind === 'step-finished' && of === 'migrate');
    expect(step).toMatchObject({ says: 'undone, 3 statements, step by step, no record' });
    expect((await run('status', environment, '--check')).exitCode).toBe(3);
    const again = await run('deploy', environment, '--yes');
    expect(again.last, again.stdout).toMatchObject({ kind: 'done', applied: [{ tag: '0003_names' }] });
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

  test('killed in a rollback file that is no transaction: status, deploy and rollback say so, and recover takes the rest back', async () => {
    inParts();
    expect((await run('apply', 'staging', '--yes')).exitCode).toBe(0);
    await using reader = await database.connect();
    await reader.query('BEGIN; SELECT FROM teams');
    await using running = await startProgram(
      ['rollback', 'staging', '--to', '0002', '--yes', '--json'],
      place,
    );
    await running.line((line) => isStatementOf('0003_names')(line) && line['number'] === 2);
    await expect.poll(() => working('DROP INDEX CONCURRENTLY'), { timeout: 20_000 }).toBe(1);
    running.signal('SIGKILL');
    await running.ended;
    await reader.query('COMMIT');
    await expect.poll(() => working('DROP INDEX CONCURRENTLY'), { timeout: 20_000 }).toBe(0);
    const status = await run('status', 'staging');
    expect(stateOf(status.last)).toMatchObject({ '0002_colours': 'applied', '0003_names': 'half' });
    expect(JSON.stringify(status.last)).toContain(
      '0003_names was being taken back, and stopped after statement 1 of 3',
    );
    for (const command of [
      ['deploy', 'staging'],
      ['rollback', 'staging', '--to', '0002'],
    ]) {
      const refused = await run(...command, '--yes');
      expect(refused.last, refused.stdout).toMatchObject({
        code: 'refused',
        message: expect.stringContaining('0003_names was being taken back'),
      });
    }
    const recover = await run('recover', 'staging');
    expect(recover.last, recover.stdout).toMatchObject({
      cases: [
        {
          tag: '0003_names',
          situation: 'half-taken-back',
          options: [
            { id: 'undo', recommended: true },
            { id: 'remove-note', allowed: true },
          ],
        },
      ],
    });
    project.undo('0003_names', ['SELECT 1;']);
    const edited = await run('recover', 'staging', '--choose', 'undo', '--yes');
    expect(edited.last).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('is another one than the one that was begun'),
    });
    inParts();
    const done = await run('recover', 'staging', '--choose', 'undo', '--yes');
    expect(done.last, done.stdout).toMatchObject({ kind: 'done' });
    expect(stateOf((await run('status', 'staging')).last)).toMatchObject({ '0003_names': 'pending' });
    expect(await indexes()).not.toContain('teams_name');
    expect((await run('deploy', 'staging', '--yes')).last).toMatchObject({
      kind: 'done',
      applied: [{ tag: '0003_names' }],
    });
    expect(await indexes()).toContain('teams_name');
    expect((await run('recover', 'staging')).exitCode).toBe(0);
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

/** A migration whose rollback file drops an index without keeping anybody from writing, between two others. */
function inParts(): void {
  const tag = '0003_names';
  if (!added.has(project)) {
    added.add(project);
    project.add(tag, [
      'ALTER TABLE "teams" ADD COLUMN "note" text;',
      'CREATE INDEX CONCURRENTLY "teams_name" ON "teams" ("name");',
      'CREATE TABLE "notes" ("id" integer);',
    ]);
  }
  project.undo(tag, [
    'DROP TABLE "notes";',
    'DROP INDEX CONCURRENTLY "teams_name";',
    'ALTER TABLE "teams" DROP COLUMN "note";',
  ]);
}

const added = new WeakSet<RollbackProject>();

async function working(statement: string): Promise<number> {
  const { rowCount } = await client.query(
    "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()",
    [`${statement}%`],
  );
  return rowCount ?? 0;
}

async function indexes(): Promise<readonly unknown[]> {
  const { rows } = await client.query("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'");
  return rows.map(({ indexname }) => indexname);
}

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
