import { describe, expect, test } from 'vitest';
import type { D1Project } from '../support/d1-project.ts';
import { d1ForFile } from '../support/d1-for-file.ts';
import { d1Shop } from '../support/d1-shop.ts';

const cloudflare = d1ForFile('shop');

test('two people deploy the same migrations at the same moment: each is applied once', async () => {
  await using one = await shop();
  await using other = await shop();
  const both = await Promise.all([one, other].map((project) => project.ours('deploy', 'remote', '--yes')));
  for (const { last } of both)
    expect(last?.['code'] ?? last?.['kind']).toMatch(/^(done|locked|target-changed)$/);
  const applied = both.flatMap(({ last }) => last?.['applied'] ?? []);
  expect(applied).toHaveLength(3);
  expect(await records()).toEqual(['0001_users.sql', '0002_posts.sql', '0003_tags.sql']);
  for (const project of [one, other]) {
    expect((await project.ours('deploy', 'remote', '--yes')).last).toMatchObject({
      kind: 'done',
      applied: [],
    });
  }
  expect(await cloudflare.database.run('SELECT count(*) AS n FROM users')).toEqual([{ n: 1 }]);
});

describe('wrangler, which knows no lock, applies a migration', () => {
  test('between the dry-run and the lock: the target changed since the rehearsal', async () => {
    await using project = await shop();
    cloudflare.server.before('query', likeWrangler);
    const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'target-changed', applied: [] } });
    expect(await records()).toEqual(['0001_users.sql']);
  });

  test('between the lock and the first migration: nothing is applied twice', async () => {
    await using project = await shop();
    cloudflare.server.before('query', async () => cloudflare.server.before('query', likeWrangler));
    const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'target-changed', applied: [] } });
    expect(await records()).toEqual(['0001_users.sql']);
    expect(await cloudflare.database.run('SELECT count(*) AS n FROM users')).toEqual([{ n: 1 }]);
    expect((await project.ours('deploy', 'remote', '--yes')).last).toMatchObject({ kind: 'done' });
  });
});

test('a migration whose request arrives when its run is over changes nothing any more', async () => {
  await using project = await shop();
  cloudflare.server.fault({ kind: 'late' }, { on: 'write', after: 1 });
  const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
  expect({ exitCode, last }).toMatchObject({ last: { kind: 'failed', applied: [] } });
  await cloudflare.server.deliver();
  expect(await records()).toEqual([]);
  expect((await project.ours('deploy', 'remote', '--yes')).last).toMatchObject({
    kind: 'done',
    applied: { length: 3 },
  });
  expect(await cloudflare.database.run('SELECT count(*) AS n FROM users')).toEqual([{ n: 1 }]);
});

describe('a migration too large for one request goes through the import', () => {
  const row = `('${'x'.repeat(90_000)}')`;
  const large = Array.from({ length: 60 }, () => `INSERT INTO users (name) VALUES ${row};\n`).join('');

  test('with its lock, its guards and its record', async () => {
    await using project = await shop({ 'migrations/0004_rows.sql': large });
    const from = cloudflare.server.requests.length;
    const { last, stdout } = await project.ours('deploy', 'remote', '--yes');
    expect(last, stdout).toMatchObject({ kind: 'done', applied: { length: 4 } });
    expect(
      cloudflare.server.requests.slice(from).filter(({ endpoint }) => endpoint === 'import').length,
    ).toBeGreaterThan(2);
    expect(await cloudflare.database.run('SELECT count(*) AS n FROM users')).toEqual([{ n: 61 }]);
    expect(await records()).toHaveLength(4);
  });

  test.each([
    { what: 'before it is announced', on: 'import', after: 0, when: 'before', arrives: 'no' },
    { what: 'before its text is taken', on: 'upload', after: 0, when: 'before', arrives: 'no' },
    { what: 'before it is begun', on: 'import', after: 1, when: 'before', arrives: 'no' },
    { what: 'when it is begun', on: 'import', after: 1, when: 'after', arrives: 'yes' },
    { what: 'while it runs', on: 'import', after: 2, when: 'before', arrives: 'yes' },
  ] as const)(
    'and the connection is cut $what: it is there once in the end',
    async ({ on, after, when, arrives }) => {
      await using project = await shop({ 'migrations/0004_rows.sql': large });
      cloudflare.server.polls.import = 3;
      cloudflare.server.fault({ kind: 'cut', when }, { on, after });
      const { last } = await project.ours('deploy', 'remote', '--yes');
      expect(cloudflare.server.faultWasMet()).toBe(true);
      cloudflare.server.polls.import = 1;
      expect(last).toMatchObject(
        arrives === 'yes'
          ? { kind: 'done', applied: { length: 4 } }
          : { kind: 'failed', exitCode: 5, applied: { length: 3 } },
      );
      expect(await records()).toHaveLength(arrives === 'yes' ? 4 : 3);
      const again = await project.ours('deploy', 'remote', '--yes');
      expect(again.last, again.stdout).toMatchObject({ kind: 'done' });
      expect(await cloudflare.database.run('SELECT count(*) AS n FROM users')).toEqual([{ n: 61 }]);
      expect(await records()).toHaveLength(4);
    },
  );
});

/** What `wrangler d1 migrations apply` sends for the first file. */
async function likeWrangler(): Promise<void> {
  await cloudflare.database.run(
    'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    'CREATE TABLE users (id integer PRIMARY KEY, name text)',
    "INSERT INTO users (name) VALUES ('first')",
    "INSERT INTO d1_migrations (name) VALUES ('0001_users.sql')",
  );
}

async function shop(more: Readonly<Record<string, string>> = {}): Promise<D1Project> {
  return d1Shop(cloudflare.server, {
    'migrations/0001_users.sql':
      "CREATE TABLE users (id integer PRIMARY KEY, name text);\nINSERT INTO users (name) VALUES ('first');\n",
    'migrations/0002_posts.sql': 'CREATE TABLE posts (id integer PRIMARY KEY);\n',
    'migrations/0003_tags.sql': 'CREATE TABLE tags (id integer PRIMARY KEY);\n',
    ...more,
  });
}

async function records(): Promise<readonly unknown[]> {
  const there = await cloudflare.database.run("SELECT 1 FROM sqlite_schema WHERE name = 'd1_migrations'");
  const rows =
    there.length === 0 ? [] : await cloudflare.database.run('SELECT name FROM d1_migrations ORDER BY id');
  return rows.map(({ name }) => name);
}
