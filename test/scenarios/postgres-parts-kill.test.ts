import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import {
  cutOff,
  deployStaging,
  killedDeploy,
  randomFrom,
  statusText,
  unfinishedRuns,
} from '../support/killed-deploy.ts';
import { openTill } from '../support/postgres-shop.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { nameOf, program, type ProgramOptions } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const kills = Number(process.env['KILLS'] ?? 3);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

let server: PostgresServer;
let built: string;
/** Lines that a deploy prints when nobody kills it, and how many of them are before its first write. */
let events: { readonly all: number; readonly before: number };

beforeAll(async () => {
  [server, built] = await Promise.all([postgresServer(), builtPackage()]);
  await using place = await placeBehind();
  const { exitCode, lines } = await program(deployStaging, place);
  expect(exitCode).toBe(0);
  const before = lines.findIndex((line) => nameOf(line) === 'step-started migrate');
  events = { all: lines.length, before };
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

test(
  `kill -9 at ${kills} moments of a migration in parts, with a till selling all the while: what is there is what the note says, and the way on from there does the rest once`,
  { timeout: 60_000 + kills * 60_000 },
  async () => {
    const random = randomFrom(seed);
    const where: string[] = [];
    for (let left = kills; left > 0;) {
      const killed = await round((kills - left + random()) / kills, random);
      if (killed === undefined) continue;
      where.push(killed);
      left -= 1;
    }
    process.stdout.write(`${kills} kills (SEED=${seed}): ${where.join('; ')}\n`);
  },
);

/** @returns how far it had come; undefined: it was over before */
async function round(moment: number, random: () => number): Promise<string | undefined> {
  await using place = await placeBehind();
  await using till = openTill(place.url);
  await till.sold();
  const { all, before } = events;
  const lines = before + Math.floor(moment * (all - before));
  if ((await killedDeploy(place, { lines, pause: random() * 40 })) === undefined) return undefined;
  await using client = await server.connect(place.database);
  await serverIsDone(client);
  const found = await look(client);
  expect(found).toMatchObject(whatStands(found));
  const unfinished = unfinishedRuns(place).length > 0;
  if (unfinished)
    expect(await statusText(place)).toMatch(typeof found.done === 'number' ? /offers the ways out/ : cutOff);
  await goOn(place, found);
  const sold = await till.close();
  expect(await look(client)).toEqual({
    done: 'all',
    column: 1,
    once: 1,
    twice: 1,
    valid: ['orders_code', 'orders_price'],
    run: null,
  });
  const { rows } = await client.query<{ code: string }>('SELECT code FROM orders');
  const codes = new Set(rows.map(({ code }) => code));
  expect(sold.filter((code) => !codes.has(code))).toEqual([]);
  await serverIsDone(client);
  return `after ${found.done}`;
}

/** A half-finished one is refused by a deploy; its way out runs what is left, nothing twice. */
async function goOn(place: ProgramOptions, { done }: Found): Promise<void> {
  const deployed = await program(deployStaging, place);
  if (done === 'none' || done === 'all') {
    expect(deployed.last).toMatchObject({ kind: 'done' });
    return;
  }
  expect(deployed.last).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('is half-finished'),
  });
  const resumed = await program(['recover', 'staging', '--choose', 'resume', '--yes', '--json'], place);
  expect(resumed.last).toMatchObject({ kind: 'done' });
}

const inParts = [
  'ALTER TABLE orders ADD COLUMN shipped boolean DEFAULT false NOT NULL;',
  'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code);',
  "INSERT INTO log (what) VALUES ('once');",
  'CREATE INDEX CONCURRENTLY orders_price ON orders (price);',
  "INSERT INTO log (what) VALUES ('twice');",
];

interface Found {
  /** How many of the statements are noted, or that there is no note: before its beginning or after its end. */
  readonly done: 'none' | number | 'all';
  readonly column: number;
  readonly once: number;
  readonly twice: number;
  /** Indexes that are whole, beside that of the key. */
  readonly valid: readonly string[];
  /** Who has the lock. */
  readonly run: string | null;
}

/** What the numbers of statements say is there; a statement that runs by itself may be further than its note. */
function whatStands({ done, valid }: Found): Partial<Found> {
  const count = done === 'none' ? 0 : done === 'all' ? inParts.length : done;
  const built = ['orders_code', 'orders_price'].filter((_, index) => count >= 2 + index * 2);
  const isNext = count === 1 || count === 3;
  return {
    column: count >= 1 ? 1 : 0,
    once: count >= 3 ? 1 : 0,
    twice: count >= 5 ? 1 : 0,
    valid:
      isNext && valid.length > built.length
        ? ['orders_code', 'orders_price'].slice(0, built.length + 1)
        : built,
  };
}

async function look(client: Client): Promise<Found> {
  const { rows } = await client.query<Found & { readonly noted: number | null; readonly records: number }>(
    `SELECT (SELECT count(*)::int FROM drizzle.__drizzle_migrations) AS records,
      (SELECT count(*)::int FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'shipped') AS "column",
      (SELECT count(*)::int FROM log WHERE what = 'once') AS once,
      (SELECT count(*)::int FROM log WHERE what = 'twice') AS twice,
      (SELECT run FROM __migrate_tui.lease) AS run,
      ARRAY(SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'orders'::regclass AND indisvalid AND NOT indisprimary ORDER BY 1) AS valid`,
  );
  const [row] = rows;
  if (!row) throw new Error('Nothing was found.');
  const { records, ...found } = row;
  return { ...found, done: records === 2 ? 'all' : ((await noted(client)) ?? 'none') };
}

async function noted(client: Client): Promise<number | undefined> {
  const { rows: tables } = await client.query<{ readonly name: string | null }>(
    "SELECT to_regclass('__migrate_tui.unfinished')::text AS name",
  );
  if (tables[0]?.name == null) return undefined;
  const { rows } = await client.query<{ readonly done: number }>('SELECT done FROM __migrate_tui.unfinished');
  return rows[0]?.done;
}

/** PostgreSQL notices by itself that a client is gone, once the statement in progress is over. */
async function serverIsDone(client: Client): Promise<void> {
  const ours = `SELECT application_name, state, query FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'migrate-tui%'`;
  await expect
    .poll(async () => (await client.query(ours)).rows, { timeout: 20_000, interval: 20 })
    .toEqual([]);
}

interface Place extends ProgramOptions, AsyncDisposable {
  readonly database: string;
  readonly url: string;
}

/** A project of its own whose staging is in use, with the migration in parts pending. */
async function placeBehind(): Promise<Place> {
  const database = await server.createDatabase();
  const project: SmallProject = smallProject('empty', 'postgresql');
  project.configure({ environments: { staging: { targets: { app: 'env:STAGING_URL' } } } });
  project.add('0000_orders', [
    'CREATE TABLE orders (id serial PRIMARY KEY, team_id integer, code text NOT NULL, price integer DEFAULT 1);',
    "INSERT INTO orders (code) SELECT 'seed ' || n FROM generate_series(1, 2000) AS n;",
    'CREATE TABLE log (id serial PRIMARY KEY, what text NOT NULL);',
  ]);
  const env = { ...project.env, STAGING_URL: database.url };
  const place = { cwd: project.root, env, built };
  const made = await program(['apply', 'staging', '--yes', '--json'], place);
  expect(made.exitCode).toBe(0);
  project.add('0001_in_parts', inParts);
  return {
    ...place,
    database: database.name,
    url: database.url,
    async [Symbol.asyncDispose]() {
      project[Symbol.dispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
