import { hostname } from 'node:os';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { program, startProgram, type Line, type ProgramOptions, type Running } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: PostgresServer;
let built: string;
beforeAll(async () => {
  [server, built] = await Promise.all([postgresServer(), builtPackage()]);
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

let database: PostgresDatabase;
let project: SmallProject;
let place: ProgramOptions;
let client: Client & AsyncDisposable;
beforeEach(async () => {
  database = await server.createDatabase();
  project = smallProject('empty', 'postgresql');
  project.configure({ environments: { staging: { targets: { app: 'env:STAGING_URL' } } } });
  project.add('0000_teams', [
    'CREATE TABLE "teams" ("id" serial PRIMARY KEY, "name" text NOT NULL);',
    `INSERT INTO "teams" ("name") SELECT 'team ' || n FROM generate_series(1, 500) AS n;`,
  ]);
  place = { cwd: project.root, env: { ...project.env, STAGING_URL: database.url }, built };
  expect((await run('apply')).exitCode).toBe(0);
  project.add('0001_next', [
    'ALTER TABLE "teams" ADD COLUMN "code" text;',
    'CREATE UNIQUE INDEX CONCURRENTLY "teams_name" ON "teams" ("name");',
    `UPDATE "teams" SET "code" = upper("name");`,
  ]);
  client = await database.connect();
}, 60_000);
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  project[Symbol.dispose]();
});

const run = (...words: readonly string[]) => {
  const [command = '', ...others] = words;
  return program([command, 'staging', ...others, '--yes', '--json'], place);
};
const start = () => startProgram(['apply', 'staging', '--yes', '--json'], place);

describe('kill -9 in a migration that is not one transaction', { timeout: 400_000 }, () => {
  test('while the index is built and the application writes: what the server still does is named first, then the way goes on from that statement', async () => {
    await using writer = await database.connect();
    let written = 500;
    const write = async () => {
      await writer.query('INSERT INTO teams (name) VALUES ($1)', [`team ${(written += 1)}`]);
    };
    await client.query(oldSnapshot);
    await using running = await start();
    await building(running, writer);
    await write();
    await kill(running);
    await expect.poll(() => workingOn(writer, 'CREATE UNIQUE INDEX'), patience).toBe(0);
    await client.query('COMMIT');
    expect((await run('deploy')).last).toMatchObject({
      code: 'refused',
      message: 'staging is half-finished: 0001_next stopped after statement 1 of 3. Nothing was changed.',
    });

    // A server that does not look whether its client is there.
    const { ended: endedByUs } = await outlivingSession(running, database);
    const first = await program(['recover', 'staging', '--json'], place);
    expect(casesOf(first.last)).toMatchObject([{ tag: '0001_next', situation: 'session-left' }]);
    expect(waysIn(first.last)).toEqual(['end-session']);
    expect((await run('recover', '--choose', 'end-session')).last).toMatchObject({ kind: 'done' });
    await endedByUs;

    await write();
    const ended = await run('recover', '--choose', 'resume');
    expect(ended.last).toMatchObject({ kind: 'done' });
    await write();
    expect(await validIndexes(client)).toContain('teams_name');
    expect(await count(client, 'SELECT count(*) FROM teams')).toBe(written);
    expect(await count(client, 'SELECT count(*) FROM teams WHERE code IS NULL')).toBeLessThan(2);
    expect(await count(client, 'SELECT count(*) FROM __migrate_tui.unfinished')).toBe(0);
  });

  test('when the index is built and that is not yet noted: it is not built again', async () => {
    await using locker = await database.connect();
    await client.query(oldSnapshot);
    await using running = await start();
    await building(running, locker);
    await locker.query('BEGIN; SELECT FROM __migrate_tui.lease FOR UPDATE');
    await client.query('COMMIT');
    await running.line(isStatement(2, 'done'));
    await kill(running);
    await locker.query('ROLLBACK');
    const found = await program(['recover', 'staging', '--json'], place);
    expect(casesOf(found.last)).toMatchObject([{ situation: 'stopped', after: 2, of: 3 }]);
    expect((await run('recover', '--choose', 'resume')).last).toMatchObject({ kind: 'done' });
    expect(await count(client, 'SELECT count(*) FROM teams WHERE code IS NULL')).toBe(0);
  });

  test('in its first part: nothing of it stays, and the next deploy runs all of it', async () => {
    await client.query('BEGIN; LOCK TABLE teams IN ACCESS SHARE MODE');
    await using running = await start();
    await running.line(isStatement(1, 'begun'));
    await kill(running);
    await client.query('COMMIT');
    expect((await run('apply')).last).toMatchObject({ kind: 'done', applied: [{ tag: '0001_next' }] });
    expect(await validIndexes(client)).toContain('teams_name');
  });
});

test(
  'a second deploy is kept out while the first waits to build an index, which says for whom it waits',
  { timeout: 120_000 },
  async () => {
    await client.query(oldSnapshot);
    await using running = await start();
    await using beside = await database.connect();
    await building(running, beside);
    expect((await run('apply')).last).toMatchObject({ code: 'locked' });
    const waits = await running.line(
      ({ kind, message }) => kind === 'notice' && /waits for process/.test(String(message)),
    );
    expect(waits).toBeDefined();
    await client.query('COMMIT');
    expect((await running.ended).exitCode).toBe(0);
    expect(await validIndexes(client)).toContain('teams_name');
  },
);

/** Who may still see what an index does not have: building one waits for it. */
const oldSnapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1';
const patience = { timeout: 30_000, interval: 50 };

async function building(running: Running, beside: Client): Promise<void> {
  await running.line(isStatement(2, 'begun'));
  await expect.poll(() => workingOn(beside, 'CREATE UNIQUE INDEX'), patience).toBe(1);
}

async function kill(running: Running): Promise<void> {
  running.signal('SIGKILL');
  await running.ended;
}

function isStatement(number: number, phase: 'begun' | 'done') {
  return (line: Line) =>
    line['kind'] === 'statement' &&
    line['step'] === 'migrate' &&
    line['number'] === number &&
    line['phase'] === phase;
}

/** A session under the name of one of a run that is gone, which works until it is ended. */
async function outlivingSession(
  { process }: Running,
  { url }: PostgresDatabase,
): Promise<{ readonly ended: Promise<unknown> }> {
  const session = new Client({
    connectionString: url,
    application_name: `migrate-tui ${process.pid}@${hostname()}`,
  });
  session.on('error', () => undefined);
  await session.connect();
  return { ended: session.query('SELECT pg_sleep(600)').catch(() => undefined) };
}

/** How many sessions run a statement that begins like this. */
async function workingOn(beside: Client, words: string): Promise<number> {
  const sql = `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '${words}%'`;
  return count(beside, sql);
}

async function count(asked: Client, sql: string): Promise<number> {
  const { rows } = await asked.query<{ readonly count: string }>(sql);
  return Number(rows[0]?.count);
}

async function validIndexes(asked: Client): Promise<readonly string[]> {
  const { rows } = await asked.query<{ readonly name: string }>(
    'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indisvalid',
  );
  return rows.map(({ name }) => name);
}

/** The ways out that are open, in every case. */
function waysIn(last: Line | undefined): readonly string[] {
  const cases: readonly {
    readonly options: readonly { readonly id: string; readonly allowed: boolean }[];
  }[] = JSON.parse(JSON.stringify(last?.['cases'] ?? []));
  return cases.flatMap(({ options }) => options.flatMap(({ id, allowed }) => (allowed ? [id] : [])));
}

function casesOf(last: Line | undefined): unknown {
  return last?.['cases'];
}
