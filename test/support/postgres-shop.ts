import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Client } from 'pg';
import { expect } from 'vitest';
import type { Migration } from '../../src/migrations/migration.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import { askingOver } from './postgres-asking.ts';
import type { PostgresServer } from './postgres.ts';
import { program, type ProgramOptions } from './program.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** How many migrations the shop's database has before a deploy, and how many there are. */
export const appliedBefore = 3;
export const all = 8;

/** A project whose staging database, on a PostgreSQL server, is five migrations behind and in use. */
export interface PostgresShop extends AsyncDisposable {
  readonly boundaries: Boundaries;
  /** A copy of the project and of its database. */
  copy(): Promise<ShopCopy>;
}

export interface ShopCopy extends ProgramOptions, AsyncDisposable {
  readonly home: string;
  readonly database: string;
  readonly url: string;
}

export interface Boundaries {
  readonly migrations: readonly Migration[];
  /** Of the schema after none, one, two… migrations. */
  readonly fingerprints: readonly string[];
}

/** @param built the package whose program is run */
export async function postgresShop(server: PostgresServer, built: string): Promise<PostgresShop> {
  const project = smallProject('empty', 'postgresql');
  project.configure({ environments: { staging: { targets: { app: 'env:STAGING_URL' } } } });
  const template = await server.createDatabase();
  for (const [tag, statements] of Object.entries(past)) project.add(tag, statements);
  const made = await program(['apply', 'staging', '--yes', '--json'], {
    cwd: project.root,
    env: { ...project.env, STAGING_URL: template.url },
    built,
  });
  if (made.exitCode !== 0) throw new Error(`The shop was not made: ${made.stdout}`);
  for (const [tag, statements] of Object.entries(pending)) project.add(tag, statements);
  return {
    boundaries: await boundariesOf(server, project),
    copy: () => copyOf(server, { project, template: template.name, built }),
    async [Symbol.asyncDispose]() {
      await template[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

const past = {
  '0000_teams': [
    'CREATE TABLE teams (id serial PRIMARY KEY, name text NOT NULL);',
    "INSERT INTO teams (name) VALUES ('red'), ('blue');",
  ],
  '0001_members': [
    'CREATE TABLE members (id serial PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id) ON DELETE CASCADE);',
    'INSERT INTO members (team_id) SELECT id FROM teams;',
  ],
  '0002_shop': [
    'CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, team_id integer REFERENCES teams(id) ON DELETE SET NULL, code text NOT NULL, price integer NOT NULL DEFAULT 1);',
    'CREATE TABLE lines (id serial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders(id) ON DELETE CASCADE, what text);',
    'CREATE TABLE log (id serial PRIMARY KEY, what text NOT NULL);',
    "INSERT INTO orders (team_id, code) SELECT n % 2 + 1, 'seed ' || n FROM generate_series(1, 400) AS n;",
    'INSERT INTO lines (order_id, what) SELECT id, code FROM orders;',
    "INSERT INTO log (what) SELECT 'old ' || n FROM generate_series(1, 100) AS n;",
  ],
};

const pending = {
  '0003_country': [
    'ALTER TABLE teams ADD COLUMN country text;',
    'ALTER TABLE orders ALTER COLUMN price SET DATA TYPE bigint;',
  ],
  '0004_data': ["UPDATE teams SET country = 'NL';", "INSERT INTO log (what) VALUES ('once');"],
  '0005_state': [
    "CREATE TYPE state AS ENUM ('open', 'paid');",
    "ALTER TABLE orders ADD COLUMN state state DEFAULT 'open' NOT NULL;",
    'CREATE INDEX orders_team ON orders (team_id);',
  ],
  '0006_trigger': [
    "CREATE FUNCTION log_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (what) VALUES ('order; ' || new.code); RETURN new; END $$;",
    'CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION log_order();',
    'ALTER TABLE orders ADD CONSTRAINT orders_code_unique UNIQUE (code);',
  ],
  '0007_delete_old': [
    "DELETE FROM log WHERE what LIKE 'old %';",
    'CREATE VIEW cheap AS SELECT code FROM orders WHERE price < 5;',
  ],
};

async function boundariesOf(server: PostgresServer, { root }: SmallProject): Promise<Boundaries> {
  const { migrations } = await readFolder({ directory: join(root, 'drizzle'), dialect: 'postgres' });
  await using database = await server.createDatabase();
  await using client = await database.connect();
  const fingerprints = [fingerprint(await readSchema(askingOver(client), { bookkeeping }))];
  for (const statements of [...Object.values(past), ...Object.values(pending)]) {
    for (const sql of statements) await client.query(sql);
    fingerprints.push(fingerprint(await readSchema(askingOver(client), { bookkeeping })));
  }
  return { migrations, fingerprints };
}

const bookkeeping = ['drizzle.__drizzle_migrations'];

interface Original {
  readonly project: SmallProject;
  readonly template: string;
  readonly built: string;
}

async function copyOf(server: PostgresServer, { project, template, built }: Original): Promise<ShopCopy> {
  const database = `shop_${randomUUID().slice(0, 8)}`;
  await using client = await server.connect();
  await client.query(`CREATE DATABASE ${database} TEMPLATE ${template}`);
  const home = mkdtempSync(join(tmpdir(), 'migrate-tui-shop-'));
  const cwd = join(home, 'project');
  cpSync(project.root, cwd, { recursive: true });
  const url = server.url(database);
  return {
    home,
    database,
    url,
    cwd,
    built,
    env: { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache'), STAGING_URL: url },
    async [Symbol.asyncDispose]() {
      rmSync(home, { recursive: true, force: true });
      await using last = await server.connect();
      await last.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    },
  };
}

/** What a target shows, in terms of the boundaries. */
export interface Found {
  /** Recorded tags, in order. */
  readonly recorded: readonly string[];
  /** The numbers of migrations that give its schema. */
  readonly schemaAt: readonly number[];
  readonly codes: ReadonlySet<string>;
  readonly seeds: Readonly<Record<'orders' | 'lines' | 'old' | 'once' | 'members', number>>;
  readonly lease: { readonly run: string | null } | undefined;
}

/** All of one moment, over somebody else's connection. */
export async function look(client: Client, { migrations, fingerprints }: Boundaries): Promise<Found> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const ask = askingOver(client);
  const schema = fingerprint(await readSchema(ask, { bookkeeping }));
  const hashes = await ask({ sql: 'SELECT hash FROM drizzle.__drizzle_migrations ORDER BY id' });
  const [lease] = await ask({ sql: 'SELECT run FROM __migrate_tui.lease' });
  const codes = await ask({ sql: 'SELECT code FROM orders' });
  const [seeds] = await ask({
    sql: `SELECT (SELECT count(*) FROM orders WHERE code LIKE 'seed %' AND team_id IS NOT NULL) AS orders,
      (SELECT count(*) FROM lines) AS lines, (SELECT count(*) FROM members) AS members,
      (SELECT count(*) FROM log WHERE what LIKE 'old %') AS old, (SELECT count(*) FROM log WHERE what = 'once') AS once`,
  });
  await client.query('COMMIT');
  const seed = (name: string) => Number(seeds?.[name]);
  return {
    recorded: hashes.map(({ hash }) => migrations.find((one) => one.hash === hash)?.tag ?? 'unknown'),
    schemaAt: fingerprints.flatMap((one, at) => (one === schema ? [at] : [])),
    codes: new Set(codes.map(({ code }) => String(code))),
    seeds: {
      orders: seed('orders'),
      lines: seed('lines'),
      old: seed('old'),
      once: seed('once'),
      members: seed('members'),
    },
    lease: lease && { run: lease['run'] === null ? null : String(lease['run']) },
  };
}

/** Untouched or exactly behind a migration; never between. @returns how many are applied */
export function atBoundary(found: Found, { migrations }: Boundaries): number {
  const tags = migrations.map(({ tag }) => tag);
  const count = found.recorded.length;
  expect(found.recorded).toEqual(tags.slice(0, count));
  expect(count).toBeGreaterThanOrEqual(appliedBefore);
  expect(found.schemaAt).toContain(count);
  expect(found.seeds).toEqual({
    orders: 400,
    lines: 400,
    members: 2,
    old: count === all ? 0 : 100,
    once: count >= 5 ? 1 : 0,
  });
  return count;
}

/** The shop's own program: it inserts an order whenever it can, again after a deadlock, until it is stopped. */
export interface Till extends AsyncDisposable {
  /** Waits until the next order is in. */
  sold(): Promise<void>;
  /** Stops it; gives the codes of all orders that the database said yes to. */
  close(): Promise<readonly string[]>;
}

export function openTill(url: string): Till {
  const name = randomUUID().slice(0, 8);
  const child = spawn(process.execPath, ['-e', selling, url, name], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const first = lines.next();
  let closed: Promise<readonly string[]> | undefined;
  const close = async () => {
    await first;
    child.stdin.write('close\n');
    const { value } = await lines.next();
    await ended;
    if (value === undefined) throw new Error('The till was closed by an error.');
    return Array.from({ length: Number(value) }, (_, index) => `${name} ${index}`);
  };
  return {
    sold: async () => void (await first),
    close: () => (closed ??= close()),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const selling = `
  const { Client } = require('pg');
  const [url, name] = process.argv.slice(1);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  (async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    let sold = 0;
    let over = false;
    process.stdin.on('data', () => { over = true; });
    while (!over) {
      const isSold = await client.query('INSERT INTO orders (team_id, code) VALUES ($1, $2)', [sold % 2 + 1, name + ' ' + sold]).then(
        () => true,
        (error) => { if (error.code !== '40P01') throw error; },
      );
      if (!isSold) continue;
      sold += 1;
      if (sold === 1) console.log('open');
      await pause(sold % 10 === 0 ? 8 : 3);
    }
    await client.end();
    console.log(String(sold));
    process.stdin.destroy();
  })().catch((error) => { console.error(error); process.exit(1); });`;
