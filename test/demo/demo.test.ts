import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeDemo } from '../../src/demo/demo.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { openSession } from '../../src/session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let scratch: string;
let demo: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'migrate-tui-demo-'));
  vi.stubEnv('XDG_CACHE_HOME', join(scratch, 'cache'));
  demo = join(scratch, 'demo');
  await makeDemo({ directory: demo });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(scratch, { recursive: true, force: true });
});

describe('the practice project', () => {
  test('shows an environment drifted, one half-finished, one behind and one protected at the first look', async () => {
    const place = {
      cwd: demo,
      config: undefined,
      project: undefined,
      env: process.env,
      showValues: 'hide',
    } as const;
    await using session = await openSession(place);
    const report = await session.ask({ kind: 'status', environments: [], databases: ['app'] });
    if (report.kind !== 'status') throw new Error(`asked for status, answered ${report.kind}`);
    const seen = report.environments.map(({ name, protected: isProtected, targets }) => {
      const [target] = targets;
      const odd = target?.items
        .filter(({ state }) => state !== 'applied')
        .map(({ tag, state }) => `${state} ${tag.slice(0, 4)}`);
      return { name, isProtected, state: target?.state[0], odd };
    });
    expect(seen).toEqual([
      {
        name: 'local',
        isProtected: false,
        state: 'drifted',
        odd: ['orphan 9f31', 'changed 0011', expect.stringMatching(/ 0013$/)],
      },
      {
        name: 'dev',
        isProtected: false,
        state: 'half-finished',
        odd: ['half 0014', 'pending 0015', 'pending 0016'],
      },
      { name: 'staging', isProtected: false, state: 'behind', odd: ['skipped 0012'] },
      {
        name: 'production',
        isProtected: true,
        state: 'behind',
        odd: ['pending 0014', 'pending 0015', 'pending 0016'],
      },
    ]);
  });

  test('has a half-finished environment of which recover names the statement', async () => {
    const place = {
      cwd: demo,
      config: undefined,
      project: undefined,
      env: process.env,
      showValues: 'hide',
    } as const;
    await using session = await openSession(place);
    const report = await session.ask({ kind: 'recovery', environment: 'dev', databases: undefined });
    expect(report).toMatchObject({
      cases: [
        {
          tag: '0014_orders_due_date',
          verdict: 'stopped after statement 4 of 12',
          after: 4,
          of: 12,
          evidence: expect.arrayContaining([
            'Seen of statement 4: table orders does not exist.',
            'Not seen of statement 5: table __new_orders is still there, table orders does not exist.',
          ]),
        },
      ],
    });
  });

  test.each([
    ['local', ['0013_user_api_keys unrecorded', '0011_audit_log changed', '9f31c2ab orphans']],
    ['dev', ['0014_orders_due_date stopped']],
    ['staging', ['0012_team_rooms skipped']],
    ['production', []],
  ])('has in %s exactly what recover names', async (environment, wanted) => {
    const place = {
      cwd: demo,
      config: undefined,
      project: undefined,
      env: process.env,
      showValues: 'hide',
    } as const;
    await using session = await openSession(place);
    const report = await session.ask({ kind: 'recovery', environment, databases: undefined });
    const cases = report.kind === 'recovery' ? report.cases : [];
    expect(cases.map(({ tag, situation }) => `${tag} ${situation}`)).toEqual(wanted);
  });

  test('has a local database that was changed by hand and whose records do not fit its files', async () => {
    expect(tablesOf('local.db')).toEqual(expect.arrayContaining(['scratch_notes', 'user_api_keys']));
    expect(read('local.db', "SELECT name FROM pragma_table_info('users')")).toContainEqual({
      name: 'nickname',
    });
    const recorded = recordsOf('local.db').map(({ hash }) => hash);
    const files = await hashesOf('drizzle');
    const lacking = [...files].filter(([, hash]) => !recorded.includes(hash)).map(([tag]) => tag);
    expect(lacking).toEqual(['0011_audit_log', '0013_user_api_keys']);
    expect(recorded.filter((hash) => ![...files.values()].includes(String(hash)))).toHaveLength(2);
  });

  test('has a dev database whose orders lie in the half of a rebuild', () => {
    expect(tablesOf('dev.db')).not.toContain('orders');
    expect(read('dev.db', 'SELECT count(*) AS rows FROM __new_orders')).toEqual([{ rows: 48_210 }]);
    expect(recordsOf('dev.db')).toHaveLength(14);
  });

  test('has a staging database that Drizzle takes for complete although 0012 never ran', async () => {
    expect(tablesOf('staging.db')).not.toContain('team_rooms');
    expect(tablesOf('staging.db')).toContain('order_terms');
    const before = recordsOf('staging.db');
    expect(before).toHaveLength(16);
    await migrateWithDrizzle('staging.db');
    expect(recordsOf('../staging-migrated.db')).toEqual(before);
  });

  test('has a production database on which Drizzle applies the three that are pending', async () => {
    expect(recordsOf('production.db')).toHaveLength(14);
    await migrateWithDrizzle('production.db');
    expect(recordsOf('../production-migrated.db')).toHaveLength(17);
    expect(
      read('../production-migrated.db', 'SELECT count(*) AS rows FROM orders WHERE due_date IS NOT NULL'),
    ).toEqual([{ rows: 48_210 }]);
    expect(read('production.db', 'SELECT count(*) AS rows FROM order_drafts')).toEqual([{ rows: 1040 }]);
    expect(read('../production-migrated.db', 'SELECT count(*) AS rows FROM order_drafts')).toEqual([
      { rows: 728 },
    ]);
  });

  test('records migrations as Drizzle does, NULL ids and storage classes included', async () => {
    const client = createClient({ url: `file:${join(scratch, 'by-drizzle.db')}` });
    await migrate(drizzle(client), { migrationsFolder: join(demo, 'drizzle-auth') });
    client.close();
    expect(recordsOf('production-auth.db')).toEqual(recordsOf('../by-drizzle.db'));
    expect(
      read('production-auth.db', 'SELECT sql FROM sqlite_schema WHERE name LIKE ?', '__drizzle%'),
    ).toEqual(read('../by-drizzle.db', 'SELECT sql FROM sqlite_schema WHERE name LIKE ?', '__drizzle%'));
  });

  test.each(['local.db', 'staging.db', 'production.db', 'production-auth.db'])(
    'has no broken foreign key and no damage in %s',
    (file) => {
      expect(read(file, 'PRAGMA foreign_key_check')).toEqual([]);
      expect(read(file, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    },
  );

  test('has schema files that say what its migrations say', async () => {
    const copy = join(scratch, 'generated');
    await cp(join(root, 'src/demo/project'), copy, { recursive: true });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const config of ['drizzle.config.ts', 'auth.drizzle.config.ts']) {
      const kit = [join(root, 'node_modules/drizzle-kit/bin.cjs'), 'generate', `--config=${config}`];
      const { stdout } = await execa(process.execPath, kit, { cwd: copy });
      expect(stdout).toContain('No schema changes');
    }
  });
});

describe('making the practice project', () => {
  test('replaces an earlier one with the same bytes every time, and not many', async () => {
    const again = join(scratch, 'again');
    await makeInChild(again, { killAfter: 'local' });
    await mkdir(join(again, 'backups'));
    await writeFile(join(again, 'production.db'), 'spoilt');
    await makeDemo({ directory: again });
    expect((await readdir(again)).toSorted()).toEqual((await readdir(demo)).toSorted());
    const files = (await readdir(demo)).filter((name) => name.endsWith('.db'));
    expect(files).toHaveLength(8);
    let size = 0;
    for (const file of files) {
      expect(sha256(await readFile(join(again, file))), file).toBe(sha256(await readFile(join(demo, file))));
      size += (await stat(join(demo, file))).size;
    }
    expect(size).toBeLessThan(15_000_000);
  });

  test('is no project while it is half-made, and can be done again', async () => {
    const directory = join(scratch, 'killed');
    await makeInChild(directory, { killAfter: 'staging' });
    expect((await readdir(directory)).filter((name) => name.includes('config'))).toEqual([]);
    await makeDemo({ directory });
    expect((await readdir(directory)).toSorted()).toEqual((await readdir(demo)).toSorted());
  });

  test('is refused in a folder with other files, which stay as they are', async () => {
    const directory = join(scratch, 'other');
    await mkdir(directory);
    await writeFile(join(directory, 'letter.txt'), 'mine');
    await expect(makeDemo({ directory })).rejects.toMatchObject({ code: 'refused' });
    expect(await readdir(directory)).toEqual(['letter.txt']);
  });

  test('says so when the place is a file', async () => {
    await writeFile(join(scratch, 'file'), '');
    await expect(makeDemo({ directory: join(scratch, 'file') })).rejects.toMatchObject({ code: 'storage' });
    await expect(makeDemo({ directory: join(scratch, 'file/in') })).rejects.toMatchObject({
      code: 'storage',
    });
  });

  test('leaves the earlier one whole when it is stopped', async () => {
    const directory = join(scratch, 'again');
    const stop = new AbortController();
    const onProgress = ({ done }: { readonly done: number }) => (done === 2 ? stop.abort() : undefined);
    await expect(makeDemo({ directory, signal: stop.signal, onProgress })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(sha256(await readFile(join(directory, 'staging.db')))).toBe(
      sha256(await readFile(join(demo, 'staging.db'))),
    );
  });
});

function read(file: string, sql: string, ...args: readonly string[]): readonly Record<string, unknown>[] {
  using database = new DatabaseSync(join(demo, file), { readOnly: true });
  return database
    .prepare(sql)
    .all(...args)
    .map((row) => ({ ...row }));
}

function tablesOf(file: string): readonly unknown[] {
  return read(file, "SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => name);
}

function recordsOf(file: string): readonly Record<string, unknown>[] {
  return read(
    file,
    'SELECT id, hash, created_at, typeof(created_at) AS class FROM __drizzle_migrations ORDER BY rowid',
  );
}

async function hashesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(join(demo, folder)))
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(demo, folder, file))));
  return new Map(files.map((file, at) => [file.replace('.sql', ''), sha256(texts[at] ?? '')]));
}

/** Runs drizzle-orm's own migrator on a copy beside the demo: `x.db` → `../x-migrated.db`. */
async function migrateWithDrizzle(file: string): Promise<void> {
  const copy = join(scratch, file.replace('.db', '-migrated.db'));
  await cp(join(demo, file), copy);
  const client = createClient({ url: `file:${copy}` });
  await migrate(drizzle(client), { migrationsFolder: join(demo, 'drizzle') });
  client.close();
}

/** Makes a demo in another process and kills that process in the middle of one environment. */
async function makeInChild(directory: string, { killAfter }: { readonly killAfter: string }): Promise<void> {
  const script = `
    import { makeDemo } from ${JSON.stringify(join(root, 'src/demo/demo.ts'))};
    const onProgress = ({ what }) => process.stdout.write(what + '\\n');
    await makeDemo({ directory: ${JSON.stringify(directory)}, onProgress });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes(killAfter)) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}
