import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres } from '../../src/engines/postgres/postgres.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import { filesHolding } from '../support/files-holding.ts';
import { holdingProxy, type HoldBefore, type HoldingProxy } from '../support/holding-proxy.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { program } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { completed, killAll, placeOf, real, watchedResync } from '../support/watched-resync.ts';

/** How large the copied database is. */
const megabytes = Number(process.env['RESYNC_MB'] ?? 24);
const command = ['resync', 'local', '--from', 'production', '--exclude', 'messages', '--yes', '--json'];
const masks = {
  '*.email': 'hash',
  'people.name': 'hash',
  'people.phone': 'null',
  'people.about': 'null',
  'people.picture': 'keep',
  'people.finger': 'hash',
  'logins.ip': 'null',
  'sessions.token': 'hash',
  'notes.body': 'hash',
  'letters.body': 'hash',
};
const tables = ['people', 'logins', 'sessions', 'notes', 'letters', 'messages'];

/** A server of its own each: what production writes is no file of this machine. */
let here: Side;
let there: Side;
let project: SmallProject;
const sides = new AsyncDisposableStack();
beforeAll(
  async () => {
    // What the local server writes in advance of its tables stays: it would show what was in them for a moment.
    here = await side({ wal_keep_size: '64GB' });
    there = await side({});
    project = await people();
  },
  120_000 + megabytes * 300,
);
afterAll(() => sides.disposeAsync());

test(
  `kill -9 while ${megabytes} MB of PostgreSQL are copied under masks, filled in, or about to be seen leaves the old local and no real value, and the next resync completes, in bounded memory`,
  { timeout: 120_000 + megabytes * 1000 },
  async () => {
    expect(await filesHolding(there.server.dataFolder, real, everyFile)).not.toEqual([]);
    const before = await contentOf(here);
    const told = [];
    for (const { when, proxy, from, until, says } of deaths()) {
      const cut = await watchedResync(command, placeOf(project), async (run) => {
        await Promise.race([proxy.hold(from, until), run.ended]);
        await killAll(run);
        expect(run.lines.at(-1)).toMatchObject({ kind: 'progress', step: 'copy', unit: says });
        return `killed ${when}`;
      });
      told.push(cut);
      for (const { proxy: broken } of [here, there]) broken.cutAll();
      await isLetGo(here);
      // First of all, before anything of ours opens or sweeps what was left.
      expect(await heldHere()).toEqual([]);
      expect(await contentOf(here)).toEqual(before);
      const status = await program(['status', 'local'], placeOf(project));
      expect(status.stdout).toMatch(/Run \d+ \(resync\) of .* was cut off/);
    }

    told.push(await watchedResync(command, placeOf(project), completed));
    expect(await heldHere()).toEqual([]);
    expect(await countsOf(here)).toEqual({ ...(await countsOf(there)), messages: 0 });
    const after = await program(['status', 'local'], placeOf(project));
    expect(after.stdout).not.toContain('was cut off');
    process.stdout.write(`resync of ${megabytes} MB of PostgreSQL: ${told.join('; ')}\n`);
  },
);

interface Side {
  readonly server: PostgresServer;
  readonly database: PostgresDatabase;
  readonly proxy: HoldingProxy;
  /** Through the proxy. */
  readonly url: string;
}

async function side(settings: Readonly<Record<string, string>>): Promise<Side> {
  const server = sides.use(await postgresServer({ settings: { max_wal_size: '4GB', ...settings } }));
  const database = sides.use(await server.createDatabase());
  const proxy = sides.use(await holdingProxy(server));
  const url = new URL(database.url);
  url.port = String(proxy.port);
  return { server, database, proxy, url: url.href };
}

/** Where a resync of three parts is when it dies; what goes by is the text of the rows. */
function deaths(): readonly {
  readonly when: string;
  readonly proxy: HoldingProxy;
  readonly from: 'client' | 'server';
  readonly until: HoldBefore;
  /** The last that is said of how far it is. */
  readonly says: 'rows' | 'bytes';
}[] {
  const half = megabytes * 0.5e6;
  return [
    {
      when: 'half-way of the copy',
      proxy: there.proxy,
      from: 'server',
      until: (_data, passed) => passed > half,
      says: 'rows',
    },
    {
      when: 'half-way of filling in',
      proxy: here.proxy,
      from: 'client',
      until: (_data, passed) => passed > half,
      says: 'bytes',
    },
    {
      when: 'before the commit',
      proxy: here.proxy,
      from: 'client',
      until: (data, passed) => passed > half && data.includes('COMMIT\0'),
      says: 'bytes',
    },
  ];
}

/** PostgreSQL notices by itself that a client is gone, once the statement in progress is over. */
async function isLetGo({ server, database }: Side): Promise<void> {
  await using client = await server.connect();
  const ours = `SELECT state, query FROM pg_stat_activity
    WHERE datname = '${database.name}' AND application_name LIKE 'migrate-tui%'`;
  await expect
    .poll(async () => (await client.query(ours)).rows, { timeout: 60_000, interval: 20 })
    .toEqual([]);
}

const everyFile = { passing: () => false };

/** Files of the project, of the state folder, of the temporary one and of the local server that hold a real value. */
async function heldHere(): Promise<readonly string[]> {
  const { server } = here;
  await using client = await server.connect();
  // What is in the server's memory gets into its files sooner or later.
  await client.query('CHECKPOINT');
  for (const word of real) expect(server.log()).not.toContain(word);
  const ours = await filesHolding(`${project.root}/..`, real, everyFile);
  return [...ours, ...(await filesHolding(server.dataFolder, real, everyFile))];
}

/** All objects, where the sequence stands, and a digest of all rows. */
async function contentOf({ database }: Side): Promise<unknown> {
  await using engine = await openPostgres(database.address, {
    purpose: 'question',
    connectTimeout: 10_000,
    busyTimeout: 10_000,
  });
  await using client = await database.connect();
  const digests = tables.map(
    (table) =>
      `(SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM ${table} AS t) AS ${table}`,
  );
  const { rows } = await client.query(`SELECT ${digests.join(', ')}, (SELECT last_value FROM visits)`);
  return [fingerprint(await readSchema(engine.query)), rows];
}

async function countsOf({ database }: Side): Promise<Readonly<Record<string, number>>> {
  await using client = await database.connect();
  const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
  const { rows } = await client.query<Readonly<Record<string, number>>>(`SELECT ${counts.join(', ')}`);
  return rows[0] ?? {};
}

/** Production, protected, with many people in it; local has other ones, who are nobody. */
async function people(): Promise<SmallProject> {
  const made = smallProject('empty', 'postgresql');
  sides.defer(() => made[Symbol.dispose]());
  made.configure({
    masks,
    environments: {
      local: { targets: { app: 'env:LOCAL_URL' } },
      production: { protected: true, targets: { app: 'env:PRODUCTION_URL' } },
    },
  });
  made.add('0000_people', [
    `CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE, phone text, about text,
      finger bytea, picture bytea)`,
    'CREATE INDEX people_by_name ON people (lower(name), email)',
    `CREATE TABLE logins (id integer PRIMARY KEY, email text REFERENCES people (email), ip text,
      lower_email text GENERATED ALWAYS AS (lower(email)) STORED)`,
    'CREATE TABLE sessions (token text PRIMARY KEY, person integer NOT NULL)',
    `CREATE TABLE notes (id integer PRIMARY KEY, body text,
      words tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED)`,
    'CREATE INDEX notes_by_word ON notes USING gin (words)',
    'CREATE TABLE letters (id integer PRIMARY KEY, body text)',
    // Packed, a value would not be found where it is.
    'ALTER TABLE letters ALTER body SET STORAGE EXTERNAL',
    'CREATE TABLE messages (id integer PRIMARY KEY, body text)',
    'CREATE SEQUENCE visits',
  ]);
  const env = { ...made.env, LOCAL_URL: here.url, PRODUCTION_URL: there.url };
  const everything = { ...consent, confirm: { environment: 'production', hash: undefined } };
  for (const environment of ['local', 'production']) {
    const change = { kind: 'deploy', environment, selection, consent: everything } as const;
    expect((await carryOut({ root: made.root, env }, change)).at(-1)).toMatchObject({ kind: 'done' });
  }
  await fill(there, Math.ceil(megabytes * 1300), 'Zyxqorsen');
  await fill(here, Math.ceil(megabytes * 150), 'Nobody');
  return { ...made, env };
}

/** About 800 bytes for each person. */
async function fill({ database }: Side, count: number, surname: string): Promise<void> {
  await using client = await database.connect();
  const isReal = surname !== 'Nobody';
  const [phone, ip] = isReal ? ['+49 30 90182', '203.0.113.'] : ['', ''];
  const bytes = (count: number) => `decode(repeat(md5(id::text), ${count / 16}), 'hex')`;
  await client.query(`INSERT INTO people SELECT id, 'Ada ${surname} ' || id, lower('${surname}') || '.' || id || '@example.org',
      '${phone} ' || id, 'Mrs ${surname} moved here in 1987 and was born on 12 March 1961; ask ${surname}''s doctor.',
      convert_to('${surname} ' || id, 'UTF8'), ${bytes(400)} FROM generate_series(1, ${count}) AS id;
    INSERT INTO logins (id, email, ip) SELECT id, email, '${ip}' || id % 250 FROM people;
    INSERT INTO sessions SELECT 'for-${surname}-' || id || gen_random_uuid(), id FROM people WHERE id % 2 = 0;
    INSERT INTO notes SELECT id, 'The card of ${surname} ' || id || ' was declined' FROM people WHERE id % 20 = 0;
    INSERT INTO letters SELECT id, 'Dear ${surname}, ' || repeat('0', 100000) FROM people WHERE id % 1000 = 0;
    INSERT INTO messages SELECT id, 'Dear ${surname}, ' || encode(${bytes(96)}, 'hex') FROM people WHERE id % 4 = 0;
    SELECT setval('visits', ${count})`);
}
