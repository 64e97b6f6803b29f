import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../../../src/lib/is-alive.ts';
import { postgresServer } from '../../support/postgres.ts';

describe('the PostgreSQL server of the tests', () => {
  test('gives each test a database of its own, and asks for the password', async () => {
    await using server = await postgresServer();
    await using one = await server.createDatabase();
    await using other = await server.createDatabase();
    await using client = await one.connect();
    await client.query('CREATE TABLE a (x int)');
    await using beside = await other.connect();
    const tables = "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'";
    expect((await client.query(tables)).rows).toEqual([{ n: 1 }]);
    expect((await beside.query(tables)).rows).toEqual([{ n: 0 }]);
    const wrong = new Client({ connectionString: one.url.replace(server.superuser.password, 'wrong') });
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' });
    expect(one.address.url).not.toContain(server.superuser.password);
  });

  test('comes back with its rows after it was killed or shut down', async () => {
    await using server = await postgresServer();
    await using database = await server.createDatabase();
    for (const how of ['shut-down', 'killed'] as const) {
      await using client = await database.connect();
      await client.query(`CREATE TABLE "${how}" (x int)`);
      await server.stop(how);
      await server.start();
    }
    await using client = await database.connect();
    const { rows } = await client.query(
      "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'",
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  test('ends with the process that started it, however that ends', async () => {
    const support = new URL('../../support/postgres.ts', import.meta.url).href;
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { postgresServer } = await import(${JSON.stringify(support)});
       const server = await postgresServer();
       await using client = await server.connect();
       const { rows } = await client.query("SELECT current_setting('data_directory') AS folder");
       const pid = (await client.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
       console.log(JSON.stringify({ folder: rows[0].folder, pid }));
       setInterval(() => {}, 1000);`,
    ]);
    const [line] = await once(child.stdout, 'data');
    const { folder, pid }: { readonly folder: string; readonly pid: number } = JSON.parse(String(line));
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid) || existsSync(folder), { timeout: 20_000 }).toBe(false);
  });
});
