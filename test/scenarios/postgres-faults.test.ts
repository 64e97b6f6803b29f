import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cutProxy } from '../support/cut-proxy.ts';
import { all, appliedBefore, atBoundary, look, postgresShop } from '../support/postgres-shop.ts';
import type { PostgresShop, ShopCopy } from '../support/postgres-shop.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { nameOf, program, startProgram, type Line, type ProgramOptions } from '../support/program.ts';

let server: PostgresServer;
let shop: PostgresShop;
beforeAll(async () => {
  server = await postgresServer();
  shop = await postgresShop(server, await builtPackage());
}, 120_000);
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const deploy = ['deploy', 'staging', '--yes', '--json'];

const moments = [
  'step-started backup',
  'step-started dry-run',
  // Others are much like one of these.
  ...(process.env['FAULTS'] === 'all' ? ['step-finished lock', 'step-started migrate'] : []),
  'statement migrate',
  'step-started verify',
];

describe.each(moments)('at "%s" of a deploy to PostgreSQL', (moment) => {
  test('the server is killed: nothing is half, and once it is back the next deploy completes', async () => {
    await using place = await shop.copy();
    const { exitCode, last } = await deployWith(place, moment, async () => {
      await server.stop('killed');
    });
    await server.start();
    expect(exitCode).toBeGreaterThan(0);
    expect(last).toMatchObject({ kind: 'failed', message: expect.any(String), next: expect.any(String) });
    await completes(place);
  });

  test('its sessions are ended by somebody: it goes on or stops, and nothing is half', async () => {
    await using place = await shop.copy();
    await deployWith(place, moment, async () => {
      await using client = await server.connect();
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'migrate-tui%'",
      );
    });
    await completes(place);
  });
});

describe('a connection that is cut at a commit of a deploy to PostgreSQL', () => {
  test.each([
    ['before the server has it: the migration is undone, and run once by the next deploy', 'before'],
    ['after the server has it: the records say so, and the deploy goes on', 'after'],
  ] as const)('%s', async (_title, how) => {
    await using place = await shop.copy();
    await using proxy = await cutProxy(server);
    const through = {
      ...place,
      env: { ...place.env, STAGING_URL: place.url.replace(`:${server.port}/`, `:${proxy.port}/`) },
    };
    const { exitCode, last } = await deployWith(through, 'step-started migrate', () => {
      // As the unit ends; questions say theirs in another way.
      proxy.cutAt('COMMIT\0', how);
      return Promise.resolve();
    });
    expect(proxy.wasMet()).toBe(true);
    expect(exitCode).toBe(how === 'after' ? 0 : 1);
    expect(last?.['applied']).toHaveLength((await countIn(place)) - appliedBefore);
    await completes(place);
  });
});

/** Holds the program still at a line, lets something happen, and lets it go on to its end. */
async function deployWith(place: ProgramOptions, moment: string, happens: () => Promise<void>) {
  await using running = await startProgram(deploy, place);
  const at = (line: Line) => nameOf(line) === moment || nameOf(line).startsWith(`${moment} `);
  const met = await running.line(at);
  expect(met, `${moment} is no line of a deploy`).toBeDefined();
  running.signal('SIGSTOP');
  await happens();
  running.signal('SIGCONT');
  const { exitCode } = await running.ended;
  return { exitCode, last: running.lines.at(-1) };
}

/** Nothing is half, the next deploy takes the rest, and the server has nothing of ours left. */
async function completes(place: ShopCopy): Promise<void> {
  await countIn(place);
  const again = await program(deploy, place);
  expect(`${again.exitCode} ${JSON.stringify(again.last)}`).toMatch(/^0 \{.*"kind":"done"/);
  expect(await countIn(place)).toBe(all);
  await using client = await server.connect();
  const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname LIKE 'migrate_tui%'");
  expect(rows).toEqual([]);
}

async function countIn({ database }: ShopCopy): Promise<number> {
  await using client = await server.connect(database);
  return atBoundary(await look(client, shop.boundaries), shop.boundaries);
}
