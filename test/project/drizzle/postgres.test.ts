import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planInit, writeInit } from '../../../src/project/init/init.ts';
import { outline, place } from '../support.ts';

type Json = Readonly<Record<string, unknown>>;

/** As data, which needs no process to be read. */
const written = (dbCredentials: Json, more: Json = {}) => ({
  'drizzle.config.json': JSON.stringify({ dialect: 'postgresql', dbCredentials, ...more }),
});

describe('a Drizzle configuration for PostgreSQL', () => {
  const server = { host: 'h', database: 'd' };
  const places: readonly (readonly [credentials: Json, leadsTo: string])[] = [
    [{ url: 'postgres://u@db.test/d' }, 'remote: app → postgres://u@db.test:5432/d'],
    [{ url: 'postgresql://u@localhost:1/d' }, 'local: app → postgres://u@localhost:1/d'],
    // drizzle-kit takes the URL, too.
    [{ url: 'postgres://u@db.test/d', ...server }, 'remote: app → postgres://u@db.test:5432/d'],
    [{ host: '127.0.0.1', database: 'd' }, 'local: app → postgres://127.0.0.1:5432/d'],
    // Without a word about TLS drizzle-kit asks for it, and looks at the certificate.
    [{ ...server, port: 1, user: 'u' }, 'remote: app → postgres://u@h:1/d?sslmode=verify-full'],
    [{ ...server, port: '1', ssl: true }, 'remote: app → postgres://h:1/d?sslmode=verify-full'],
    [{ ...server, ssl: false }, 'remote: app → postgres://h:5432/d?sslmode=disable'],
    [{ ...server, ssl: 'require' }, 'remote: app → postgres://h:5432/d?sslmode=no-verify'],
    [{ ...server, ssl: 'verify-full' }, 'remote: app → postgres://h:5432/d?sslmode=verify-full'],
    [
      { ...server, ssl: { rejectUnauthorized: false } },
      'remote: app → postgres://h:5432/d?sslmode=no-verify',
    ],
  ];
  test.for(places)('with %j leads there', async ([credentials, leadsTo]) => {
    using project = place(written(credentials));
    const read = await project.read();
    expect(outline(read)).toEqual([leadsTo]);
    expect(read.databases).toMatchObject([
      { dialect: 'postgres', table: '__drizzle_migrations', tableSchema: 'drizzle' },
    ]);
  });

  test('with the driver pglite leads to its folder', async () => {
    const pglite = { driver: 'pglite' };
    using project = place(written({ url: 'file:./data/pg' }, pglite));
    expect(outline(await project.read())).toEqual([`local: app → PGlite ${project.root}/data/pg`]);
    using memory = place(written({ url: 'memory://' }, pglite));
    expect(outline(await memory.read())).toEqual(['local: app → PGlite in memory']);
  });

  const others: readonly (readonly [credentials: Json, more: Json, why: string])[] = [
    [
      { database: 'd', secretArn: 'a', resourceArn: 'b' },
      { driver: 'aws-data-api' },
      'The driver aws-data-api of drizzle.config.json is not served by this version',
    ],
    [{ client: {} }, { driver: 'pglite' }, 'makes a PGlite of its own'],
    [{}, { driver: 'pglite' }, 'gives no dbCredentials.url'],
    [{ url: '' }, {}, 'gives no dbCredentials.url. Set the variable'],
    [{ host: 'h' }, {}, 'gives no dbCredentials.database'],
    [{ url: 'mysql://u:hidden@h/d' }, {}, 'it begins with neither postgres:// nor postgresql://'],
    [{ url: 'postgres://u:hid/den@h/d' }, {}, 'it is no URL; in a user or password, signs such as # / ?'],
    [
      { ...server, ssl: { ca: 'PEM', key: 'hidden' } },
      {},
      'its ssl gives ca, key, which no URL can carry; use a URL with sslmode=verify-full&sslrootcert=FILE',
    ],
    [{ ...server, ssl: 'maybe' }, {}, 'its ssl is none of true, false'],
  ];
  test.for(others)(
    'with %j, %j stays visible, and says why it is not reached',
    async ([given, more, why]) => {
      using project = place(written(given, more));
      const read = await project.read();
      expect(outline(read)).toEqual(['remote: app unavailable']);
      expect(read.environments[0]?.targets[0]?.address).toMatchObject({ why: expect.stringContaining(why) });
      expect(JSON.stringify(read)).not.toMatch(/hidden|hid\/den/);
    },
  );

  test('keeps its own table of migrations, and is two databases with two of them', async () => {
    const file = (url: string, migrations: Json) =>
      JSON.stringify({ dialect: 'postgresql', dbCredentials: { url }, migrations });
    using project = place({
      'drizzle.config.json': file('postgres://localhost/a', { table: 'done', schema: 'public' }),
      'drizzle.config.staging.json': file('postgres://h/b', { table: 'done' }),
    });
    const read = await project.read();
    expect(read.databases.map(({ table, tableSchema }) => `${tableSchema}.${table}`).toSorted()).toEqual([
      'drizzle.done',
      'public.done',
    ]);
    const of = (schema: string) => read.databases.find(({ tableSchema }) => tableSchema === schema)?.name;
    expect(outline(read)).toEqual([
      `local: ${of('public')} → postgres://localhost:5432/a`,
      `staging: ${of('drizzle')} → postgres://h:5432/b`,
    ]);
  });

  test('and another for SQLite over one folder are not two kinds of one database', async () => {
    using project = place({
      ...written({ url: 'postgres://localhost/b' }),
      'drizzle.config.staging.json': JSON.stringify({
        dialect: 'turso',
        dbCredentials: { url: 'libsql://h' },
      }),
    });
    const read = await project.read();
    expect(read.databases).toMatchObject([{ name: 'app', dialect: 'postgres' }]);
    expect(outline(read)).toEqual(['local: app → postgres://localhost:5432/b', 'staging: app unavailable']);
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({
      why: 'drizzle.config.staging.json leads to SQLite, and app is kept in PostgreSQL, as another configuration says.',
    });
  });

  test('gives an environment for each .env that leads elsewhere, and says where each came from', async () => {
    using project = place({
      'drizzle.config.ts':
        "export default { dialect: 'postgresql', dbCredentials: { url: process.env.DATABASE_URL } };",
      '.env': 'DATABASE_URL=postgres://me:hidden1@localhost/app\n',
      '.env.staging': 'DATABASE_URL=postgres://me:hidden2@staging.test/app?sslmode=require\n',
    });
    const read = await project.read();
    expect(outline(read)).toEqual([
      'local: app → postgres://me@localhost:5432/app',
      'staging: app → postgres://me@staging.test:5432/app?sslmode=require',
    ]);
    expect(read.sources).toEqual([
      { file: 'drizzle.config.ts', says: 'PostgreSQL, migrations in drizzle/ (not there yet)' },
      { file: '.env', says: 'DATABASE_URL  postgres://me@localhost:5432/app (password present)' },
      { file: '.env.staging', says: 'DATABASE_URL  postgres://me@staging.test:5432/app (password present)' },
    ]);
  });

  test.each([
    ['leaves out the URL', 'export default'],
    ['throws', "if (!process.env.DATABASE_URL) throw new Error('no URL'); export default"],
  ])('that %s without a .env.X has these environments alone', async (_what, begin) => {
    using project = place({
      'drizzle.config.ts': `${begin} { dialect: 'postgresql', dbCredentials: { url: process.env.DATABASE_URL } };`,
      '.env.local': 'DATABASE_URL=postgres://me@localhost/app\n',
      '.env.staging': 'DATABASE_URL=postgres://me@staging.test/app\n',
    });
    expect(outline(await project.read())).toEqual([
      'local: app → postgres://me@localhost:5432/app',
      'staging: app → postgres://me@staging.test:5432/app',
    ]);
    project.write({ '.env': 'DATABASE_URL=nonsense:\n' });
    expect(outline(await project.read()).at(-1)).toMatch(/^remote: /);
  });
});

describe('what is remembered of a Drizzle configuration', () => {
  const kept = (home: string) => {
    const folder = join(home, '.cache', 'migrate-tui', 'configs');
    return readdirSync(home).includes('.cache')
      ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
      : [];
  };

  test('holds no password that came from a variable, whole or in pieces', async () => {
    using project = place({
      'drizzle.config.mjs':
        "export default { dialect: 'postgresql', dbCredentials: { url: `postgres://me:${process.env.PW}@localhost/app`, password: process.env.PW } };",
    });
    await project.read({ variables: { PW: 'hidden-password' } });
    expect(kept(project.home)).toHaveLength(1);
    expect(kept(project.home).join('')).not.toContain('hidden');
  });

  const literal = [
    "{ url: 'postgres://me:hidden@localhost/app' }",
    "{ url: 'postgres://me:hid/den@localhost/app' }",
    "{ host: 'h', database: 'd', password: 'hidden' }",
    "{ host: 'h', database: 'd', ssl: { key: 'hidden' } }",
    "{ url: 'postgres://localhost/app?sslpassword=hidden' }",
  ];
  test.for(literal)('is nothing where a secret stands in it: %s', async (credentials) => {
    using project = place({
      'drizzle.config.mjs': `export default { dialect: 'postgresql', dbCredentials: ${credentials} };`,
    });
    await project.read();
    expect(kept(project.home)).toEqual([]);
  });
});

describe('init', () => {
  test('writes what leads to the same servers again, without a password', async () => {
    using project = place({
      'drizzle.config.ts':
        "export default { dialect: 'postgresql', dbCredentials: { url: process.env.DATABASE_URL }, migrations: { schema: 'ops' } };",
      'drizzle.config.staging.ts':
        "export default { dialect: 'postgresql', dbCredentials: { host: 'h', user: 'u', password: process.env.DB_PW, database: 'd', ssl: false }, migrations: { schema: 'ops' } };",
      'drizzle.config.production.ts':
        "export default { dialect: 'postgresql', dbCredentials: { url: process.env.DATABASE_URL }, migrations: { schema: 'ops' } };",
      '.env.staging': 'DB_PW=hidden-of-staging\n',
      '.env.production': 'DATABASE_URL=postgres://me:hidden-of-production@p.test/app\n',
    });
    const variables = { DATABASE_URL: 'postgres://localhost/app' };
    const before = await project.read();
    const plan = planInit(before, {});
    expect(plan.content).not.toContain('hidden');
    expect(plan.content).toContain('production: {');
    expect(plan.content).toContain("app: env('DATABASE_URL'),");
    expect(plan.content).toContain("url: 'postgres://u@h:5432/d?sslmode=disable', password: env('DB_PW')");
    expect(plan.content).toContain("tableSchema: 'ops'");
    writeInit(plan);
    const after = await project.read();
    expect(outline(after).slice(1)).toEqual(outline(before).slice(1));
    expect(after.databases).toEqual(before.databases);
    expect(outline(await project.read({ variables }))[0]).toContain('app');
  });

  test('writes a local server and a folder of PGlite as they are', async () => {
    using server = place(written({ url: 'postgres://me@localhost/app' }));
    expect(planInit(await server.read(), {}).content).toContain("app: 'postgres://me@localhost:5432/app',");
    using folder = place(written({ url: './data' }, { driver: 'pglite' }));
    const plan = planInit(await folder.read(), {});
    expect(plan.content).toContain("app: 'pglite:./data',");
    writeInit(plan);
    expect(outline(await folder.read())).toEqual([`local: app → PGlite ${folder.root}/data`]);
  });

  test('asks for a variable where the password stands in the Drizzle configuration itself', async () => {
    using project = place(written({ url: 'postgres://me:hidden@localhost/app' }));
    const { content } = planInit(await project.read(), {});
    expect(content).toContain("app: env('LOCAL_URL'),");
    expect(content).not.toContain('hidden');
  });
});
