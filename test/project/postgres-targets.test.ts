import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isLocal } from '../../src/project/addresses/is-local.ts';
import type { Address, Project } from '../../src/project/project.ts';
import { outline, place } from './support.ts';

type Json = Readonly<Record<string, unknown>>;

const databases = { app: { migrations: 'drizzle', table: '__drizzle_migrations' } };

function withTargets(targets: Json, more: Json = {}) {
  const environments = Object.fromEntries(
    Object.entries(targets).map(([name, app]) => [name, { targets: { app } }]),
  );
  return place({ 'migrate-tui.config.json': JSON.stringify({ databases, environments, ...more }) });
}

function firstAddress({ environments }: Project): Address {
  const address = environments[0]?.targets[0]?.address;
  if (address === undefined) throw new Error('There is no target.');
  return address;
}

function passwordOf(address: Address): string | undefined {
  return address.kind === 'postgres' ? address.password?.reveal() : undefined;
}

describe('a PostgreSQL target of our configuration', () => {
  test('is a URL, its parts, a variable, or a folder of PGlite', async () => {
    using project = withTargets({
      a: 'postgres://u@h/d?sslmode=require',
      b: 'postgresql://u@h:6000/d',
      c: 'env:URL_C',
      d: { postgres: { host: 'h', port: 6001, user: 'me', database: 'my db', ssl: false } },
      e: { postgres: { host: '/run/pg', database: 'd' } },
      f: { url: 'env:URL_C' },
      g: { postgres: 'env:URL_C' },
      h: 'pglite:./data/pg',
      i: 'pglite::memory:',
    });
    const read = await project.read({ variables: { URL_C: 'postgres://c:pw@[::1]/d' } });
    expect(outline(read)).toEqual([
      'a: app → postgres://u@h:5432/d?sslmode=require',
      'b: app → postgres://u@h:6000/d',
      'c: app → postgres://c@[::1]:5432/d',
      'd: app → postgres://me@h:6001/my%20db?sslmode=disable',
      'e: app → postgres://%2Frun%2Fpg:5432/d',
      'f: app → postgres://c@[::1]:5432/d',
      'g: app → postgres://c@[::1]:5432/d',
      `h: app → PGlite ${project.root}/data/pg`,
      'i: app → PGlite in memory',
    ]);
    expect(read.databases).toMatchObject([{ name: 'app', dialect: 'postgres', tableSchema: 'drizzle' }]);
  });

  test('has its password apart, wherever it was given, and prints it nowhere', async () => {
    using project = withTargets({
      inUrl: 'env:WHOLE',
      inQuery: 'env:QUERY',
      beside: { postgres: { url: 'postgres://u@h/d', password: 'env:PW' } },
      parts: { postgres: { database: 'd', password: 'env:PW' } },
      libpq: 'postgres://u@h/d',
    });
    const variables = {
      WHOLE: 'postgres://u:hidden%2F1@h/d',
      QUERY: 'postgres://u@h/d?password=hidden2&sslpassword=hidden3&sslmode=disable',
      PW: 'hidden4',
      PGPASSWORD: 'hidden5',
    };
    const read = await project.read({ variables });
    const found = read.environments.map(({ targets }) =>
      passwordOf(targets[0]?.address ?? firstAddress(read)),
    );
    expect(found).toEqual(['hidden/1', 'hidden2', 'hidden4', 'hidden4', 'hidden5']);
    const shown = `${JSON.stringify(read)} ${inspect(read, { depth: 9 })}`;
    expect(shown).not.toMatch(/hidden/);
    expect(shown).toContain('postgres://u@h:5432/d?sslmode=disable');
  });

  test("takes from libpq's variables what it does not say itself", async () => {
    using project = withTargets({ a: 'postgres:///', b: 'postgres://other@/named' });
    const variables = { PGHOST: 'db.test', PGPORT: '6543', PGUSER: 'me', PGDATABASE: 'shop' };
    expect(outline(await project.read({ variables }))).toEqual([
      'a: app → postgres://me@db.test:6543/shop',
      'b: app → postgres://other@db.test:6543/named',
    ]);
  });

  test('may name another server for scratch databases', async () => {
    using project = withTargets({
      a: { postgres: 'postgres://h/d', scratch: 'env:SCRATCH' },
      b: { postgres: 'postgres://h/d', scratch: 'env:MISSING' },
    });
    const read = await project.read({
      variables: { SCRATCH: 'postgres://maker:pw@spare', PGPASSWORD: 'of-h' },
    });
    const address = firstAddress(read);
    expect(address).toMatchObject({ scratch: { url: 'postgres://maker@spare:5432/postgres' } });
    expect(address.kind === 'postgres' && address.scratch?.password?.reveal()).toBe('pw');
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({
      kind: 'unavailable',
      why: expect.stringContaining('MISSING is not set'),
    });
  });

  const local = [
    'postgres://localhost/d',
    'postgres://127.0.0.1:1/d',
    'postgres://u@[::1]/d',
    'postgres:///d?host=/tmp',
    'pglite:x',
  ];
  const remote = ['postgres://db/d', 'postgres://localhost.example.io/d', 'postgres://10.0.0.1/d'];
  test('is on this machine when it is a folder, a socket or a server on loopback', async () => {
    for (const url of [...local, ...remote]) {
      using project = withTargets({ a: url });
      expect([url, isLocal(firstAddress(await project.read()))]).toEqual([url, local.includes(url)]);
    }
  });

  const secret = 'literal-secret';
  const mistakes: readonly (readonly [title: string, target: unknown, message: string, next?: string])[] = [
    [
      'a password in its URL',
      `postgres://u:${secret}@h/d`,
      'app holds a literal secret inside its URL',
      "{ postgres: { url: '…', password: env('NAME') } }",
    ],
    [
      'a password that breaks its URL',
      `postgres://u:a/${secret}#b@h/d`,
      'holds a literal secret inside its URL',
    ],
    [
      'a literal password',
      { postgres: { database: 'd', password: secret } },
      'app.postgres.password holds a literal secret',
      "env('NAME')",
    ],
    [
      'a literal password for scratch',
      { postgres: 'env:X', scratch: `postgres://u:${secret}@h/d` },
      'app.scratch holds a literal secret',
    ],
    ['no database', 'postgres://localhost', 'app cannot be used: it names no database'],
    [
      'several hosts',
      { postgres: { host: 'a,b', database: 'd' } },
      'app.postgres cannot be used: it names several hosts',
    ],
    [
      'a port that is none',
      { postgres: { port: '54x', database: 'd' } },
      'its port is no number up to 65535',
    ],
    ['a host that is none', { postgres: { host: 'a b', database: 'd' } }, 'its host is no name of a host'],
    ['another scheme', { postgres: 'mysql://h/d' }, 'it begins with neither postgres:// nor postgresql://'],
    [
      'another scheme for scratch',
      { postgres: 'postgres://h/d', scratch: 'pglite:x' },
      'app.scratch cannot be used',
    ],
    [
      'an authToken',
      { url: 'postgres://h/d', authToken: 'env:PATH' },
      'it leads to PostgreSQL, which knows no authToken',
    ],
    ['PGlite without a folder', 'pglite:', 'it names no folder'],
    ['PGlite in a browser', 'pglite:idb://x', 'PGlite keeps idb: in a browser'],
    [
      'parts beside a URL',
      { postgres: { url: 'postgres://h/d', user: 'u' } },
      'app.postgres.user stands beside a url',
    ],
  ];
  test.for(mistakes)('is refused with %s, and the key is named', async ([, app, message, next = '']) => {
    using project = withTargets({ s: app });
    const error = await project.refusal({ variables: { X: 'postgres://h/d' } });
    expect(error).toMatchObject({ code: 'config', exitCode: 2 });
    expect(error.message).toContain(`environments.s.targets.${message.startsWith('app') ? message : ''}`);
    expect(error.message).toContain(message);
    expect(error.next).toContain(next);
    expect(`${error.message} ${error.next}`).not.toContain(secret);
  });

  test('that a variable spoils stops no other, and its value is not shown', async () => {
    using project = withTargets({
      a: 'env:A',
      b: { postgres: { host: 'env:B', database: 'd' } },
      c: 'pglite:x',
    });
    const read = await project.read({ variables: { A: 'postgres://u:p/w@h/d', B: 'h h' } });
    expect(outline(read)).toEqual([
      'a: app unavailable',
      'b: app unavailable',
      `c: app → PGlite ${project.root}/x`,
    ]);
    expect(firstAddress(read)).toMatchObject({
      why: expect.stringMatching(
        /^The value of A, which environments\.a\.targets\.app uses, cannot be used: it is no URL; .*%2F/,
      ),
    });
    expect(JSON.stringify(read)).not.toContain('p/w');
  });
});

describe('what a database speaks', () => {
  test('is said by its targets, or by its folder where no variable is set', async () => {
    using project = withTargets({ a: 'env:A' });
    expect((await project.read()).databases).toMatchObject([{ dialect: 'sqlite' }]);
    project.write({ 'drizzle/meta/_journal.json': '{"version":"7","dialect":"postgresql","entries":[]}' });
    expect((await project.read()).databases).toMatchObject([{ dialect: 'postgres', tableSchema: 'drizzle' }]);
    const read = await project.read({ variables: { A: 'file:local.db' } });
    expect(read.databases).toMatchObject([{ dialect: 'sqlite' }]);
    expect(read.databases[0]).not.toHaveProperty('tableSchema');
  });

  test('is said by the newest snapshot of a Drizzle 1.0 folder', async () => {
    using project = withTargets({ a: 'env:A' });
    project.write({
      'drizzle/20240101000000_a/migration.sql': 'SELECT 1;',
      'drizzle/20240101000000_a/snapshot.json': '{"version":"8","dialect":"postgres"}',
    });
    expect((await project.read()).databases).toMatchObject([{ dialect: 'postgres' }]);
  });

  test('cannot be both: a target of another kind in the file is a mistake', async () => {
    using project = withTargets({ a: 'postgres://h/d', b: 'file:local.db' });
    expect(await project.refusal()).toMatchObject({
      code: 'config',
      message:
        'migrate-tui.config.json: environments.b.targets.app leads to SQLite, and app is kept in PostgreSQL.',
      next: expect.stringContaining('two databases'),
    });
  });

  test('cannot be both: a target of another kind in a variable is unavailable, whatever stands before it', async () => {
    using project = withTargets({ a: 'env:A', b: 'postgres://h/d' });
    const read = await project.read({ variables: { A: 'file:local.db' } });
    expect(outline(read)).toEqual(['a: app unavailable', 'b: app → postgres://h:5432/d']);
    expect(firstAddress(read)).toMatchObject({
      why: 'environments.a.targets.app leads to SQLite, and app is kept in PostgreSQL.',
    });
  });

  test('is what the Drizzle configuration of its folder says, with the schema of its table', async () => {
    using project = withTargets({ a: 'env:A' }, { databases: { app: { migrations: 'sql' } } });
    project.write({
      'drizzle.config.ts':
        "export default { dialect: 'postgresql', out: 'sql', migrations: { table: 'done', schema: 'ops' } };",
    });
    expect((await project.read()).databases).toMatchObject([
      { dialect: 'postgres', table: 'done', tableSchema: 'ops' },
    ]);
    const read = await project.read({ variables: { A: 'file:local.db' } });
    expect(outline(read)).toEqual(['a: app unavailable']);
  });

  test('is not asked for the schema of its table where the Drizzle configuration says it', async () => {
    const config = {
      'drizzle.config.json': JSON.stringify({
        dialect: 'postgresql',
        out: 'drizzle',
        migrations: { schema: 'ops' },
      }),
    };
    using direct = withTargets({ a: 'postgres://h/d' });
    direct.write(config);
    expect((await direct.read()).databases).toMatchObject([{ tableSchema: 'ops' }]);
    using later = withTargets({ a: 'env:A' });
    later.write({ ...config, 'drizzle/meta/_journal.json': '{"dialect":"postgresql","entries":[]}' });
    expect((await later.read()).databases).toMatchObject([{ tableSchema: 'ops' }]);
    later.write({ 'drizzle.config.json': '{' });
    const error = await later.refusal();
    expect(error.message).toContain('So the schema of the tracking table is not known.');
    expect(error.next).toContain("databases.app.tableSchema: 'drizzle'");
  });

  test('decides whether its table may be in a schema', async () => {
    const named = { databases: { app: { migrations: 'd', table: 't', tableSchema: 'ops' } } };
    using postgres = withTargets({ a: 'postgres://h/d' }, named);
    expect((await postgres.read()).databases).toMatchObject([{ table: 't', tableSchema: 'ops' }]);
    using sqlite = withTargets({ a: 'file:local.db' }, named);
    expect((await sqlite.refusal()).message).toContain(
      'databases.app.tableSchema names a schema, which only PostgreSQL has',
    );
  });

  test('is never PostgreSQL under the records of wrangler', async () => {
    using project = withTargets(
      { a: 'postgres://h/d' },
      { databases: { app: { migrations: 'd', bookkeeping: 'd1' } } },
    );
    expect((await project.refusal()).message).toContain('leads to PostgreSQL, and app is kept in SQLite');
  });
});
