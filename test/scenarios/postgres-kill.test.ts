import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import {
  cutOff,
  deployStaging as deploy,
  holdsOnlyWholeBackups,
  killedDeploy,
  randomFrom,
  statusText,
  unfinishedRuns,
} from '../support/killed-deploy.ts';
import { all, atBoundary, look, openTill, postgresShop } from '../support/postgres-shop.ts';
import type { Found, PostgresShop, ShopCopy } from '../support/postgres-shop.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { program } from '../support/program.ts';

const kills = Number(process.env['KILLS'] ?? 12);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Two deploys at a time: they are processes of their own, and so are the tills. */
const lanes = 2;

let server: PostgresServer;
let shop: PostgresShop;
/** Lines that a deploy prints when nobody kills it. */
let events: number;

beforeAll(async () => {
  server = await postgresServer({ settings: { max_connections: 100 } });
  shop = await postgresShop(server, await builtPackage());
  await using trial = await shop.copy();
  const { exitCode, lines } = await program(deploy, trial);
  expect(exitCode).toBe(0);
  events = lines.length;
}, 120_000);
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test(
  `kill -9 at ${kills} moments of a deploy to PostgreSQL, with a till selling all the while: nothing is half, nothing is lost, nothing is left, and the next deploy completes`,
  { timeout: 60_000 + kills * 12_000 },
  async () => {
    const counts = new Map<string, number>();
    const left = Array.from({ length: kills }, (_, index) => index);
    const lane = async (number: number) => {
      const random = randomFrom(seed + number * 7919);
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const killed = await round((next + random()) / kills, random);
        if (killed === undefined) left.push(next);
        else counts.set(killed, (counts.get(killed) ?? 0) + 1);
      }
    };
    // When one lane found something the others need not go on either.
    const stop = () => (left.length = 0);
    const ends = await Promise.allSettled(
      Array.from({ length: lanes }, (_, number) => lane(number).finally(stop)),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const where = [...counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([step, count]) => `${step} ${count}`);
    process.stdout.write(`${total} kills (SEED=${seed}): ${where.join(', ')}\n`);
    expect(total).toBe(kills);
    await using client = await server.connect();
    const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname LIKE 'migrate_tui%'");
    expect(rows).toEqual([]);
  },
);

/**
 * One deploy that is killed, and what comes after it.
 *
 * @param moment from 0 (its start) to 1 (its end)
 * @returns where it was killed; undefined: it was faster
 */
async function round(moment: number, random: () => number): Promise<string | undefined> {
  await using place = await shop.copy();
  await using till = openTill(place.url);
  await till.sold();
  const where = await killedAt(place, moment, random);
  if (where === undefined) return undefined;
  await using client = await server.connect(place.database);
  await serverIsDone(client);
  const found = await look(client, shop.boundaries);
  const count = atBoundary(found, shop.boundaries);
  const elsewhere = random() < 0.3 ? 'elsewhere' : 'here';
  await namesTheRun(place, found, { where: elsewhere, client });
  const { exitCode, last } = await program(deploy, place);
  expect(`${where}: ${exitCode} ${JSON.stringify(last)}`).toMatch(/: 0 \{.*"kind":"done"/);
  const sold = await till.close();
  const after = await look(client, shop.boundaries);
  expect(atBoundary(after, shop.boundaries)).toBe(all);
  expect(sold.filter((code) => !after.codes.has(code))).toEqual([]);
  // With nothing left to do no lock is taken, so a dead run's lease stays until the next one.
  if (count < all) expect(after.lease?.run).toBeNull();
  await serverIsDone(client);
  await holdsOnlyWholeBackups(place, '.pgdump');
  return `${where} (${count} applied)`;
}

async function killedAt(place: ShopCopy, moment: number, random: () => number): Promise<string | undefined> {
  const lines = Math.floor(moment * events);
  return killedDeploy(place, { lines, pause: Math.floor(random() * (lines === 0 ? 400 : 25)) });
}

/** PostgreSQL notices by itself that a client is gone, once the statement in progress is over. */
async function serverIsDone(client: Client): Promise<void> {
  const ours = `SELECT application_name, state, query FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'migrate-tui%'`;
  await expect
    .poll(async () => (await client.query(ours)).rows, { timeout: 10_000, interval: 20 })
    .toEqual([]);
}

/** What a person sees next: the run that was cut off; on another machine from the lease in the target alone. */
async function namesTheRun(
  place: ShopCopy,
  { lease }: Found,
  { where, client }: { readonly where: 'here' | 'elsewhere'; readonly client: Client },
): Promise<void> {
  const held = lease?.run ?? undefined;
  if (unfinishedRuns(place).length > 0 || held !== undefined) {
    expect(await statusText(place)).toMatch(cutOff);
  }
  if (where === 'here' || held === undefined) return;
  renameSync(join(place.cwd, '.migrate-tui'), join(place.cwd, 'lost'));
  // As if the run had been another machine's: nothing here can tell what became of its process.
  const [number, pid, , chance] = held.split('.');
  const moved = `${number}.${pid}.elsewhere.${chance}`;
  await client.query("UPDATE __migrate_tui.lease SET run = $1, host = 'kestrel'", [moved]);
  expect(await statusText(place)).toContain(`(run ${number}.`);
  const refused = await program(deploy, place);
  expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'locked' } });
  await client.query('UPDATE __migrate_tui.lease SET expires_at = 0');
  expect(await statusText(place)).toMatch(cutOff);
}
