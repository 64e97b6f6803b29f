import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresServer, type PostgresServer } from '../test/support/postgres.ts';
import { inTurns, median, run, type Comparison, type Contender, type Ran } from './measure.ts';
import { makeProject, ours, peer, root, variableOf } from './projects.ts';
import type { BenchOptions } from './run.ts';

const migrations = 200;

/** 200 pending migrations on PostgreSQL. Ours and dbmate: one transaction each; Drizzle: one for all. */
export async function postgresPending({ scratch, times }: BenchOptions): Promise<readonly Comparison[]> {
  const cwd = join(scratch, 'postgres-pending');
  await makeProject({ directory: cwd, migrations, environments: ['local'], dialect: 'postgresql' });
  await using server = await durableServer();
  const medians = await inTurns(applying(cwd, server), times);
  const medianOf = (name: string) => medians.get(name) ?? Number.NaN;
  const against = (name: string, ratio?: number): Comparison => ({
    what: `${migrations} pending on PostgreSQL`,
    ours: medianOf('ours'),
    peer: { name, median: medianOf(name) },
    unit: 'ms',
    ...(ratio === undefined ? {} : { target: { ratio } }),
  });
  return [
    against('dbmate up', 1),
    against('drizzle-kit migrate', 1.2),
    against('raw transactions'),
    { what: 'PostgreSQL with nothing pending', ours: medianOf(nothing), unit: 'ms' },
  ];
}

const nothing = 'ours, nothing pending';

function applying(cwd: string, server: PostgresServer): readonly Contender[] {
  const script = join(root, 'bench/peers/raw-postgres.ts');
  const ourApply = [...ours, 'apply', 'local', '--yes', '--json'];
  const on = (name: string, command: (url: string) => readonly string[], goes = 1): Contender => ({
    name,
    run: async () => {
      await using database = await server.createDatabase();
      const env = { [variableOf('local')]: database.url };
      let took = Number.NaN;
      for (let go = 0; go < goes; go += 1) ({ took } = await run(command(database.url), { cwd, env }));
      return took;
    },
  });
  return [
    on('ours', () => ourApply),
    on('dbmate up', (url) => [...dbmate, '--url', `${url}?sslmode=disable`, 'up']),
    on('drizzle-kit migrate', () => [...peer('drizzle-kit/bin.cjs'), 'migrate']),
    on('raw transactions', (url) => [process.execPath, script, url, join(cwd, 'drizzle')]),
    on(nothing, () => ourApply, 2),
  ];
}

const dbmate = [...peer('dbmate/dist/cli.js'), '--migrations-dir', 'dbmate', '--no-dump-schema'];

/** Reading three environments on a server against one tool looking at one of them and finding nothing to do. */
export async function postgresStatus({ scratch, times }: BenchOptions): Promise<readonly Comparison[]> {
  const cwd = join(scratch, 'postgres-status');
  const environments = ['local', 'staging', 'production'];
  await makeProject({ directory: cwd, migrations: 20, environments, dialect: 'postgresql' });
  await using server = await durableServer();
  const { env } = await databasesFor(server, environments);
  for (const environment of environments) await run([...ours, 'apply', environment, '--yes'], { cwd, env });
  const name = 'drizzle-kit migrate, nothing to do';
  const timed = (command: readonly string[]) => async () => (await run(command, { cwd, env })).took;
  const medians = await inTurns(
    [
      { name: 'ours', run: timed([...ours, 'status', '--json']) },
      { name, run: timed([...peer('drizzle-kit/bin.cjs'), 'migrate']) },
    ],
    times,
  );
  return [
    {
      what: 'status of three PostgreSQL environments',
      ours: medians.get('ours') ?? Number.NaN,
      peer: { name, median: medians.get(name) ?? Number.NaN },
      unit: 'ms',
      target: { ratio: 0.5 },
    },
  ];
}

/** A backup of a database with many rows, proven by restoring it, and a resync of it, as it is and masked. */
export async function postgresCopies({ scratch, times, size }: BenchOptions): Promise<readonly Comparison[]> {
  const cwd = join(scratch, 'postgres-copies');
  const environments = ['local', 'staging'];
  await makeProject({ directory: cwd, migrations: 1, environments, dialect: 'postgresql' });
  await using server = await durableServer();
  const { env: variables, names } = await databasesFor(server, environments);
  await run([...ours, 'apply', 'staging', '--yes'], { cwd, env: variables });
  const rows = await fill(server, names[1] ?? '', size);
  const state = join(scratch, 'state');
  const measured = async (command: readonly string[]) => {
    const ran = await run([...ours, ...command, '--json'], {
      cwd,
      env: { ...variables, XDG_STATE_HOME: state },
    });
    await rm(state, { recursive: true, force: true });
    return ran;
  };
  const [backups, plain, masked]: [Ran[], Ran[], Ran[]] = [[], [], []];
  const resync = async (masks: Readonly<Record<string, string>>) => {
    await configure(cwd, masks);
    // Into an empty database: what a backup of the old rows takes is no part of it.
    await makeEmpty(server, names[0] ?? '');
    return measured(['resync', 'local', '--from', 'staging', '--yes']);
  };
  // None of it has a peer that does the same: a few goes are enough to see what it takes.
  for (let turn = 0; turn < Math.min(times, 3); turn += 1) {
    backups.push(await measured(['backup', 'staging']));
    plain.push(await resync({}));
    masked.push(await resync({ 'payload.owner': 'hash' }));
  }
  const of = `${size >= 1e9 ? `${size / 1e9} GB` : `${size / 1e6} MB`} of PostgreSQL`;
  return [
    ...rowsOf(`backup of ${of}`, backups),
    ...rowsOf(`resync of ${of}, nothing masked`, plain),
    ...rowsOf(`resync of ${of}, ${rows} rows with a masked column`, masked),
  ];
}

function rowsOf(what: string, ran: readonly Ran[]): readonly Comparison[] {
  const memory = Math.max(...ran.map((one) => one.memory)) / 1e6;
  return [
    { what, ours: median(ran.map(({ took }) => took)), unit: 'ms' },
    { what: `${what}, largest process`, ours: memory, unit: 'MB', target: { limit: 150 } },
  ];
}

/** As a server is by itself: what is committed outlives a loss of power. */
function durableServer(): Promise<PostgresServer> {
  return postgresServer({ settings: { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB' } });
}

/** They go with the server. */
async function databasesFor(server: PostgresServer, environments: readonly string[]) {
  const made: (readonly [environment: string, name: string, url: string])[] = [];
  for (const environment of environments) {
    const { name, url } = await server.createDatabase();
    made.push([environment, name, url]);
  }
  return {
    env: Object.fromEntries(made.map(([environment, , url]) => [variableOf(environment), url])),
    names: made.map(([, name]) => name),
  };
}

async function makeEmpty(server: PostgresServer, name: string): Promise<void> {
  await using client = await server.connect();
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
}

async function fill(server: PostgresServer, name: string, bytes: number): Promise<number> {
  await using client = await server.connect(name);
  const rows = Math.floor(bytes / 1075);
  await client.query('CREATE TABLE payload (id integer PRIMARY KEY, owner text, body bytea)');
  // Random, so that nothing on the way is made small; kept in the row, as most rows are.
  await client.query(`INSERT INTO payload SELECT i, 'owner' || i || '@example.org',
    (SELECT string_agg(uuid_send(gen_random_uuid()), '') FROM generate_series(1, 62 + i * 0))
    FROM generate_series(1, ${rows}) AS i`);
  await client.query('VACUUM ANALYZE payload');
  return rows;
}

async function configure(directory: string, masks: Readonly<Record<string, string>>): Promise<void> {
  const target = (environment: string) => ({ targets: { app: `env:${variableOf(environment)}` } });
  const environments = { local: target('local'), staging: target('staging') };
  const config = { databases: { app: { migrations: 'drizzle' } }, environments, masks };
  await writeFile(join(directory, 'migrate-tui.config.json'), JSON.stringify(config));
}
