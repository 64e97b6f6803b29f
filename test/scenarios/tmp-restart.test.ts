import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { all, atBoundary, look, postgresShop } from '../support/postgres-shop.ts';
import type { PostgresShop } from '../support/postgres-shop.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { nameOf, program, startProgram } from '../support/program.ts';
import { randomFrom } from '../support/killed-deploy.ts';

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
const rounds = Number(process.env['KILLS'] ?? 24);
const seed = Number(process.env['SEED'] ?? Date.now() % 1000000);

test('restart', { timeout: 900_000 }, async () => {
  const random = randomFrom(seed);
  const ends = new Map<string, number>();
  for (let n = 0; n < rounds; n += 1) {
    await using place = await shop.copy();
    const sold: string[] = [];
    let over = false;
    const till = (async () => {
      let client: Client | undefined;
      for (let k = 0; !over; k += 1) {
        try {
          if (!client) { client = new Client({ connectionString: place.url }); client.on('error', () => { client = undefined; }); await client.connect(); }
          await client.query('INSERT INTO orders (team_id, code) VALUES ($1, $2)', [1, `t ${n} ${k}`]);
          sold.push(`t ${n} ${k}`);
          await pass(3);
        } catch { client = undefined; await pass(10); }
      }
      await client?.end().catch(() => undefined);
    })();
    const lines = Math.floor(random() * 30);
    const how = (['killed', 'shut-down'] as const)[n % 2]!;
    await using running = await startProgram(deploy, place);
    if (lines > 0) await running.line((_l, i) => i === lines - 1);
    await pass(Math.floor(random() * 30));
    const where = running.lines.map(nameOf).findLast((x) => x.startsWith('step')) ?? 'start';
    await server.stop(how);
    await pass(Math.floor(random() * 3) * 300);
    await server.start();
    const { exitCode } = await running.ended;
    const last = running.lines.at(-1);
    const said = `${how} at ${where}: exit ${exitCode} ${String(last?.['code'] ?? 'done')} :: ${String(last?.['message'])} -> ${String(last?.['next'] ?? '')} applied ${JSON.stringify((last?.['applied'] as any)?.length)} failed ${JSON.stringify(last?.['failed'])} notBegun ${(last?.['notBegun'] as any)?.length}`;
    console.log(said);
    {
      await using client = await server.connect(place.database);
      const count = atBoundary(await look(client, shop.boundaries), shop.boundaries);
      expect(count - 3).toBe((last?.['applied'] as any)?.length ?? 0);
      const lease = await client.query('select run from __migrate_tui.lease');
      console.log('   count', count, lease.rows);
    }
    const again = await program(deploy, place);
    expect(`${said} ${again.exitCode} ${JSON.stringify(again.last)}`).toMatch(/ 0 \{[^]*"kind":"done"/);
    over = true; await till;
    await using client = await server.connect(place.database);
    const after = await look(client, shop.boundaries);
    expect(atBoundary(after, shop.boundaries)).toBe(all);
    expect(sold.filter((code) => !after.codes.has(code))).toEqual([]);
    const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname LIKE 'migrate_tui%'");
    expect(rows).toEqual([]);
    const key = `${exitCode} ${String(last?.['code'] ?? 'done')}`;
    ends.set(key, (ends.get(key) ?? 0) + 1);
  }
  console.log(ends, seed);
});
