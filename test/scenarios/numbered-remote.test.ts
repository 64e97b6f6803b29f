import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';
import { expireLease } from '../support/remote-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

const tags = ['0001_users', '0002_posts', '0003_tags'];

let home: string;
let server: HranaServer;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'migrate-tui-numbered-remote-'));
  const file = join(home, 'served.db');
  await rowsIn(file, 'PRAGMA journal_mode = WAL');
  server = await startHranaServer({ file });
  mkdirSync(join(home, 'project', 'migrations'), { recursive: true });
  const config = {
    databases: { app: { migrations: 'migrations' } },
    environments: { staging: { targets: { app: server.url } } },
  };
  write('migrate-tui.config.json', JSON.stringify(config));
  for (const tag of tags) {
    const table = tag.slice(5);
    write(
      `migrations/${tag}.sql`,
      `CREATE TABLE ${table} (id INTEGER PRIMARY KEY);\nINSERT INTO ${table} VALUES (1);\n`,
    );
    write(`migrations/${tag}.rollback.sql`, `DROP TABLE ${table};\n`);
  }
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

describe('numbered files on a libSQL server', { timeout: 400_000 }, () => {
  test('are applied, taken back to a number, and applied again', async () => {
    expect((await run('deploy')).last).toMatchObject({ kind: 'done', applied: { length: 3 } });
    const back = await run('rollback', '--to', '1');
    expect(back.last, back.stdout).toMatchObject({
      kind: 'done',
      undone: [{ tag: '0003_tags' }, { tag: '0002_posts' }],
    });
    expect(await versions()).toEqual([1]);
    expect((await run('verify')).exitCode).toBe(0);
    expect((await run('deploy')).last).toMatchObject({ applied: { length: 2 } });
  });

  test('whose connection is cut at a commit are whole, and the same command completes them', async () => {
    expect((await run('deploy', '--to', '1')).exitCode).toBe(0);
    const ways: readonly Way[] = [
      { words: ['deploy'], sql: 'CREATE TABLE posts', ends: [1, 2, 3] },
      { words: ['rollback', '--to', '1'], sql: 'DROP TABLE posts', ends: [1] },
    ];
    const at: number[] = [];
    for (const { words, sql } of ways) at.push(await commitOf(sql, () => run(...words)));
    for (const kind of ['cut-before-commit', 'cut-after-commit'] as const) {
      for (const [index, { words, ends }] of ways.entries()) {
        server.fault({ kind, times: 1 }, { after: at[index] ?? 0 });
        const cut = await run(...words);
        expect(server.wasMet(), cut.stdout).toBe(true);
        server.fault({ kind: 'none' });
        expect(await tables(), cut.stdout).toEqual(await versions());
        expect([0, 1, 5], cut.stdout).toContain(cut.exitCode);
        // A lock whose giving back was lost runs out by itself.
        await expireLease(server.file);
        const again = await run(...words);
        expect(again.exitCode, again.stdout).toBe(0);
        expect([await versions(), await tables()]).toEqual([ends, ends]);
      }
    }
  });
});

interface Way {
  readonly words: readonly [string, ...string[]];
  /** Of one of its statements. */
  readonly sql: string;
  /** The numbers that are there afterwards. */
  readonly ends: readonly number[];
}

/** Which of the commits that a command makes is the one of a statement, from 0. */
async function commitOf(sql: string, command: () => ReturnType<typeof run>): Promise<number> {
  const before = server.requests.length;
  const { exitCode, stdout } = await command();
  expect(exitCode, stdout).toBe(0);
  const commits = server.requests.slice(before).filter((request) => request.sql.includes('COMMIT'));
  const found = commits.findIndex((request) => request.sql.some((one) => one.includes(sql)));
  expect(found).toBeGreaterThan(-1);
  return found;
}

function run(...[command, ...more]: readonly [string, ...string[]]) {
  const consent = command === 'verify' ? [] : ['--yes'];
  return program.run([command, 'staging', ...more, ...consent, '--json'], {
    cwd: join(home, 'project'),
    env: { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') },
  });
}

function write(name: string, text: string): void {
  writeFileSync(join(home, 'project', name), text);
}

async function versions(): Promise<readonly number[]> {
  if ((await rowsIn(server.file, "SELECT 1 FROM sqlite_schema WHERE name = '_migrations'")).length === 0)
    return [];
  const rows = await rowsIn(server.file, 'SELECT version FROM _migrations ORDER BY version');
  return rows.map(({ version }) => Number(version));
}

/** Their numbers. */
async function tables(): Promise<readonly number[]> {
  const rows = await rowsIn(server.file, "SELECT name FROM sqlite_schema WHERE type = 'table'");
  const names = new Set(rows.map(({ name }) => name));
  return tags.flatMap((tag, index) => (names.has(tag.slice(5)) ? [index + 1] : []));
}

/** The server's own library: no other one may open its file in this process. */
async function rowsIn(file: string, sql: string) {
  const client = createClient({ url: `file:${file}` });
  const { rows } = await client.execute(sql).finally(() => client.close());
  return rows;
}
