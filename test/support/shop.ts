import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolder } from '../../src/migrations/read-folder.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import { replay } from '../../src/runs/replay/replay.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import { otherProgram, type OtherProgram } from './processes.ts';
import { program } from './program.ts';
import { smallProject, type SmallProject } from './small-project.ts';
import { asking } from '../../src/sql/statement.ts';

/** How many migrations the shop's database has before a deploy, and how many there are. */
export const appliedBefore = 3;
export const all = 8;

/**
 * A project whose staging database is behind and in use: five pending migrations rebuild tables with cascading
 * children, move data, make triggers and delete rows. Its folders can be copied.
 */
export async function shop(): Promise<SmallProject> {
  const project = smallProject();
  addPast(project);
  const made = await program(['apply', 'staging', '--yes', '--json'], {
    cwd: project.root,
    env: project.env,
  });
  if (made.exitCode !== 0) throw new Error(`The shop was not made: ${made.stdout}`);
  addPending(project);
  return project;
}

/** A copy with everything that the first one has on disk. */
export function copyOf(
  project: SmallProject,
): { readonly root: string; readonly env: Record<string, string> } & Disposable {
  const home = mkdtempSync(join(tmpdir(), 'migrate-tui-shop-'));
  const root = join(home, 'project');
  cpSync(project.root, root, { recursive: true });
  return {
    root,
    env: { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: project.env['XDG_CACHE_HOME'] ?? home },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

function addPast(project: SmallProject): void {
  project.add('0002_shop', [
    'CREATE TABLE orders (id integer PRIMARY KEY, team_id integer REFERENCES teams(id) ON DELETE SET NULL, code text NOT NULL, price integer NOT NULL DEFAULT 1);',
    'CREATE TABLE lines (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders(id) ON DELETE CASCADE, what text);',
    'CREATE TABLE log (id integer PRIMARY KEY, what text NOT NULL);',
    `INSERT INTO orders (team_id, code) SELECT n % 2 + 1, 'seed ' || n FROM (${numbers(400)});`,
    'INSERT INTO lines (order_id, what) SELECT id, code FROM orders;',
    `INSERT INTO log (what) SELECT 'old ' || n FROM (${numbers(100)});`,
  ]);
}

function addPending(project: SmallProject): void {
  project.add('0003_rebuild_teams', [
    'PRAGMA foreign_keys=OFF;',
    'CREATE TABLE `__new_teams` (id integer PRIMARY KEY, name text NOT NULL, country text);',
    'INSERT INTO `__new_teams` (id, name) SELECT id, name FROM teams;',
    'DROP TABLE teams;',
    'ALTER TABLE `__new_teams` RENAME TO teams;',
    'PRAGMA foreign_keys=ON;',
  ]);
  project.add('0004_data', ["UPDATE teams SET country = 'NL';", "INSERT INTO log (what) VALUES ('once');"]);
  project.add('0005_trigger', [
    "CREATE TRIGGER orders_log AFTER INSERT ON orders BEGIN INSERT INTO log (what) VALUES ('order; ' || new.code); END;",
    'CREATE INDEX orders_team ON orders (team_id);',
  ]);
  project.add('0006_rebuild_orders', [
    'PRAGMA foreign_keys=OFF;',
    "CREATE TABLE `__new_orders` (id integer PRIMARY KEY, team_id integer REFERENCES teams(id) ON DELETE SET NULL, code text NOT NULL UNIQUE, price integer NOT NULL DEFAULT 1, note text DEFAULT 'none');",
    'INSERT INTO `__new_orders` (id, team_id, code, price) SELECT id, team_id, code, price FROM orders;',
    'DROP TABLE orders;',
    'ALTER TABLE `__new_orders` RENAME TO orders;',
    'CREATE INDEX orders_team ON orders (team_id);',
    'PRAGMA foreign_keys=ON;',
  ]);
  project.add('0007_delete_old', [
    "DELETE FROM log WHERE what LIKE 'old %';",
    'CREATE VIEW cheap AS SELECT code FROM orders WHERE price < 5;',
  ]);
}

function numbers(count: number): string {
  return `WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < ${count}) SELECT n FROM c`;
}

/** The fingerprints of the schema after none, one, two… migrations. */
export async function boundariesOf(project: SmallProject): Promise<Boundaries> {
  const { migrations } = await readFolder({ directory: join(project.root, 'drizzle') });
  const fingerprints: string[] = [];
  for (let count = 0; count <= migrations.length; count += 1) {
    const made = await replay(migrations.slice(0, count), { dialect: 'sqlite', bookkeeping });
    if (made.kind !== 'schema') throw new Error(`${made.tag}: ${made.why}`);
    fingerprints.push(fingerprint(made.schema));
  }
  return { migrations, fingerprints };
}

export interface Boundaries {
  readonly migrations: readonly Migration[];
  readonly fingerprints: readonly string[];
}

const bookkeeping = '__drizzle_migrations';

/** What a target's file shows, in terms of the boundaries. */
export interface Found {
  /** Recorded tags, in order. */
  readonly recorded: readonly string[];
  readonly recordedTwice: boolean;
  /** The numbers of migrations that give its schema. */
  readonly schemaAt: readonly number[];
  readonly integrity: string;
  readonly violations: number;
  readonly codes: ReadonlySet<string>;
  readonly seeds: {
    readonly orders: number;
    readonly lines: number;
    readonly old: number;
    readonly once: number;
    readonly members: number;
  };
  readonly lease: { readonly run: string | null; readonly epoch: number } | undefined;
}

/** Reads a target as any program would: through SQLite, which undoes what a killed writer left. */
export async function look(file: string, { migrations, fingerprints }: Boundaries): Promise<Found> {
  using database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec('BEGIN');
  const rows = (sql: string) => database.prepare(sql).all();
  const count = (sql: string) => Number(rows(`SELECT count(*) AS n FROM ${sql}`)[0]?.['n']);
  const schema = fingerprint(
    await readSchema(
      asking('sqlite', async ({ sql }) => rows(sql)),
      { bookkeeping: [bookkeeping] },
    ),
  );
  const hashes = rows(`SELECT hash FROM ${bookkeeping} ORDER BY _rowid_`).map(({ hash }) => hash);
  const hasLease = count("sqlite_schema WHERE name = '__migrate_tui_lease'") === 1;
  const [lease] = hasLease ? rows('SELECT run, epoch FROM __migrate_tui_lease') : [];
  return {
    recorded: hashes.map((hash) => migrations.find((one) => one.hash === hash)?.tag ?? 'unknown'),
    recordedTwice: new Set(hashes).size !== hashes.length,
    schemaAt: fingerprints.flatMap((one, at) => (one === schema ? [at] : [])),
    integrity: String(rows('PRAGMA integrity_check')[0]?.['integrity_check']),
    violations: rows('PRAGMA foreign_key_check').length,
    codes: new Set(rows('SELECT code FROM orders').map(({ code }) => String(code))),
    seeds: {
      orders: count("orders WHERE code LIKE 'seed %' AND team_id IS NOT NULL"),
      lines: count('lines'),
      old: count("log WHERE what LIKE 'old %'"),
      once: count("log WHERE what = 'once'"),
      members: count('members'),
    },
    lease: lease && {
      run: lease['run'] === null ? null : String(lease['run']),
      epoch: Number(lease['epoch']),
    },
  };
}

/** The shop's own program: it inserts an order whenever it can, until it is stopped. */
export interface Till extends AsyncDisposable {
  /** Waits until the next order is in. */
  sold(): Promise<void>;
  /** Stops it; gives the codes of all orders that the database said yes to. */
  close(): Promise<readonly string[]>;
}

export function openTill(file: string): Till {
  const name = randomUUID().slice(0, 8);
  const shopping: OtherProgram = otherProgram(
    file,
    `db.exec('PRAGMA foreign_keys = ON');
    let sold = 0;
    let over = false;
    process.stdin.on('data', () => { over = true; });
    while (!over) {
      db.prepare('INSERT INTO orders (team_id, code) VALUES (?, ?)').run(sold % 2 + 1, '${name} ' + sold);
      sold += 1;
      if (sold === 1) say('open');
      if (sold % 10 === 0) await pause(3); else await pause(1);
    }
    say(String(sold));
    db.close();
    process.exit(0);`,
  );
  const first = shopping.line();
  let closed: Promise<readonly string[]> | undefined;
  const close = async () => {
    await first;
    shopping.tell('close');
    const sold = Number(await shopping.line());
    return Array.from({ length: sold }, (_, index) => `${name} ${index}`);
  };
  return {
    sold: async () => void (await first),
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => shopping.stop(),
  };
}
