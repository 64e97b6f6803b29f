import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planInit, writeInit } from '../../src/project/init/init.ts';
import { miniflarePath } from '../../src/project/miniflare-path.ts';
import { projectChecks } from '../../src/project/project-checks.ts';
import { program } from '../support/program.ts';
import { fixture, outline, place, type Place } from './support.ts';

const token = { CLOUDFLARE_API_TOKEN: 'the-token' };
const id = '0b9e0c52-6b6c-4a0e-9a52-0d1d51f5a001';

const wrangler = `
account_id = "the-account"
[[d1_databases]]
binding = "DB"
database_name = "shop"
preview_database_id = "a-preview-id"
migrations_dir = "drizzle"
migrations_pattern = "drizzle/*/migration.sql"

[[env.production.d1_databases]]
binding = "DB"
database_name = "shop-production"
database_id = "${id}"
migrations_dir = "drizzle"
migrations_pattern = "drizzle/*/migration.sql"
`;

function configured(target: unknown, more: Readonly<Record<string, string>> = {}): Place {
  return place({
    'migrate-tui.config.json': JSON.stringify({
      databases: { app: { migrations: 'drizzle' } },
      environments: { one: { targets: { app: target } } },
    }),
    ...more,
  });
}

async function address(project: Place, variables: Readonly<Record<string, string>> = token) {
  return (await project.read({ variables })).environments[0]?.targets[0]?.address;
}

describe('a D1 target of our configuration', () => {
  test('takes id and account from the block of wrangler that it names, and the table from there, too', async () => {
    using project = configured(
      { d1: 'shop-production', wranglerEnv: 'production' },
      { 'wrangler.toml': wrangler },
    );
    expect(await address(project)).toMatchObject({
      kind: 'd1-remote',
      database: id,
      name: 'shop-production',
      account: 'the-account',
    });
    expect((await project.read()).databases).toEqual([
      {
        name: 'app',
        directory: join(project.root, 'drizzle'),
        format: 'auto',
        dialect: 'sqlite',
        bookkeeping: 'd1',
        table: 'd1_migrations',
        pattern: '*/migration.sql',
        only: undefined,
      },
    ]);
  });

  test('is found by its name in any block, by its binding at the top, and is left to the API otherwise', async () => {
    for (const [d1, database] of [
      ['shop-production', id],
      ['DB', 'shop'],
      ['a-preview-id', 'a-preview-id'],
      ['somewhere-else', 'somewhere-else'],
    ]) {
      using project = configured({ d1 }, { 'wrangler.toml': wrangler });
      expect(await address(project), d1).toMatchObject({ database, account: 'the-account' });
    }
  });

  test('needs no wrangler configuration at all', async () => {
    using project = configured({ d1: 'env:DATABASE', account: 'env:ACCOUNT', token: 'env:TOKEN' });
    const read = await address(project, { DATABASE: 'shop', ACCOUNT: 'mine', TOKEN: 'my-token' });
    expect(read).toMatchObject({ kind: 'd1-remote', database: 'shop', account: 'mine' });
    expect((await project.read()).databases[0]).toMatchObject({ bookkeeping: 'drizzle' });
  });

  test('names the variable that is not set', async () => {
    using project = configured({ d1: 'shop', token: 'env:MY_TOKEN' });
    expect(await address(project)).toMatchObject({
      kind: 'unavailable',
      why: expect.stringContaining(
        'MY_TOKEN is not set, and environments.one.targets.app in migrate-tui.config.json',
      ),
    });
  });

  test('refuses an environment that wrangler does not have', async () => {
    using project = configured({ d1: 'shop', wranglerEnv: 'prodution' }, { 'wrangler.toml': wrangler });
    expect(await project.refusal()).toMatchObject({
      code: 'config',
      message:
        'migrate-tui.config.json: environments.one.targets.app.wranglerEnv names the environment of wrangler.toml "prodution", which there is not.',
      next: 'Was production meant? Known: production. Correct migrate-tui.config.json.',
    });
    using without = configured({ d1: 'shop', wranglerEnv: 'production' });
    expect((await without.refusal()).message).toContain('but there is no wrangler configuration');
  });

  test('that is local is the file of its binding, in the folder that persistTo names', async () => {
    using project = configured({ d1Local: 'DB' }, { 'wrangler.toml': wrangler });
    const state = join(project.root, '.wrangler/state');
    expect(await address(project, {})).toEqual({
      kind: 'd1-local',
      id: 'a-preview-id',
      name: 'shop',
      path: miniflarePath(state, 'a-preview-id'),
      root: project.root,
    });
    using elsewhere = configured({ d1Local: 'DB', persistTo: 'kept' }, { 'wrangler.toml': wrangler });
    expect(await address(elsewhere, {})).toMatchObject({
      path: miniflarePath(join(elsewhere.root, 'kept'), 'a-preview-id'),
    });
    using alone = configured({ d1Local: 'DB' });
    expect(await address(alone, {})).toMatchObject({ id: 'DB' });
    using unknown = configured({ d1Local: 'BD' }, { 'wrangler.toml': wrangler });
    expect((await unknown.refusal()).next).toContain('Was DB meant?');
  });

  test('is read with the wrangler configuration that is nearest to its migrations', async () => {
    using project = place({
      'migrate-tui.config.json': JSON.stringify({
        databases: { app: { migrations: 'apps/worker/drizzle' } },
        environments: {
          local: { targets: { app: { d1Local: 'DB' } } },
          production: { targets: { app: { d1: 'shop-production', wranglerEnv: 'production' } } },
        },
      }),
      'apps/worker/wrangler.toml': wrangler,
    });
    const read = await project.read({ variables: token });
    expect(read.databases[0]).toMatchObject({ bookkeeping: 'd1', pattern: '*/migration.sql' });
    expect(read.environments[0]?.targets[0]?.address).toMatchObject({
      path: miniflarePath(join(project.root, 'apps/worker/.wrangler/state'), 'a-preview-id'),
    });
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({ database: id });
  });

  test('is not opened with a table that had to be guessed, because wrangler is broken', async () => {
    using project = configured({ d1: 'shop' }, { 'wrangler.toml': '[[' });
    expect((await project.refusal()).message).toMatch(/^wrangler\.toml:1:/);
  });

  test('is asked which of two bindings it is, where they are recorded in different tables', async () => {
    const other =
      '[[d1_databases]]\nbinding = "LOG"\nmigrations_dir = "drizzle"\nmigrations_table = "logged"\n';
    using project = configured({ d1: 'shop' }, { 'wrangler.toml': wrangler + other });
    expect(await project.refusal()).toMatchObject({
      message: expect.stringContaining('databases.app may be DB or LOG of wrangler.toml'),
      next: expect.stringContaining('Name it as the binding'),
    });
  });

  test('can be kept in the table of Drizzle although wrangler knows its folder', async () => {
    using project = place({
      'wrangler.toml': wrangler,
      'migrate-tui.config.json': JSON.stringify({
        databases: { app: { migrations: 'drizzle', bookkeeping: 'drizzle' } },
        environments: { local: { targets: { app: { d1Local: 'DB' } } } },
      }),
    });
    const read = await project.read();
    expect(read.databases[0]).toMatchObject({ bookkeeping: 'drizzle', table: '__drizzle_migrations' });
  });
});

describe('a rehearsal inside the database', () => {
  const configuration = (targets: Readonly<Record<string, unknown>>) => ({
    'migrate-tui.config.json': JSON.stringify({
      databases: { app: { migrations: 'drizzle' }, log: { migrations: 'log' } },
      environments: { staging: { rehearse: 'in-target', targets } },
    }),
  });

  test('is refused for an environment that has no target at Cloudflare', async () => {
    using project = place(configuration({ app: 'file:app.db', log: { d1Local: 'LOG' } }));
    expect(await project.refusal()).toMatchObject({
      code: 'config',
      message: expect.stringContaining("environments.staging.rehearse is 'in-target'"),
    });
  });

  test('may be asked for where some are, and a note says what becomes of the others', async () => {
    using project = place(configuration({ app: { d1: 'shop' }, log: 'file:log.db' }));
    const read = await project.read();
    expect(read.environments[0]?.rehearse).toBe('in-target');
    expect(read.notes.join()).toContain('the others of staging are rehearsed in full on a copy');
  });
});

describe('two bindings over one folder', () => {
  const only = (name: string) => ({
    databases: {
      [name]: { migrations: 'migrations' },
      AUTH: { migrations: 'migrations', only: ['*api_keys*'] },
    },
  });

  test('are divided by patterns, and keep the environments of wrangler', async () => {
    using project = fixture('d1-two-databases');
    const before = outline(await project.read({ variables: token }));
    project.write({ 'migrate-tui.config.json': JSON.stringify(only('READ_REPLICA')) });
    const read = await project.read({ variables: token });
    expect(read.notes).toEqual([]);
    expect(outline(read)).toEqual(before);
    expect(read.databases).toMatchObject([
      { name: 'READ_REPLICA', bookkeeping: 'd1', only: undefined },
      { name: 'AUTH', bookkeeping: 'd1', only: ['*api_keys*'] },
    ]);
  });

  test('say with a configuration, too, that a variable leads one of them elsewhere', async () => {
    using project = fixture('d1-two-databases');
    project.write({ 'migrate-tui.config.json': JSON.stringify(only('READ_REPLICA')) });
    const read = await project.read({ variables: { ...token, AUTH_D1_DATABASE_NAME: 'theirs' } });
    expect(read.notes).toEqual(['AUTH_D1_DATABASE_NAME leads AUTH of remote to theirs.']);
  });

  test('are never taken for one another because of another name', async () => {
    using project = fixture('d1-two-databases');
    project.write({ 'migrate-tui.config.json': JSON.stringify(only('main')) });
    expect(await project.refusal()).toMatchObject({
      code: 'config',
      message:
        'migrate-tui.config.json: databases.main may be READ_REPLICA or AUTH: their migrations are in one folder.',
    });
  });
});

describe('init in a wrangler project', () => {
  const projects: readonly (readonly [name: string, make: () => Place, folder: string, variables: object])[] =
    [
      ['one database in each environment', () => fixture('d1-worker'), 'apps/worker', token],
      ['two databases', () => fixture('d1-two-databases'), '.', token],
      [
        'databases that variables name',
        () => fixture('d1-two-databases'),
        '.',
        { D1_DATABASE_NAME: 'mine', AUTH_D1_DATABASE_NAME: 'theirs', ...token },
      ],
      ['drizzle-kit over HTTP', () => fixture('d1-http'), '.', {}],
      ['no credentials yet', () => fixture('d1-worker'), 'apps/worker', {}],
      [
        'drizzle-kit over HTTP alone',
        () => {
          const project = fixture('d1-http');
          project.remove('wrangler.jsonc');
          return project;
        },
        '.',
        {},
      ],
    ];

  test.for(projects)('writes what reads as before: %s', async ([, make, folder, given]) => {
    using project = make();
    const variables = { ...given };
    const options = { cwd: join(project.root, folder), variables };
    const before = await project.read(options);
    const plan = planInit(before, variables);
    writeInit(plan);
    const after = await project.read(options);
    expect(after.configFile).toBe(plan.file);
    expect(outline(after)).toEqual(outline(before));
    expect(after.databases).toEqual(before.databases);
    expect(plan.content).not.toMatch(/the-token|token-of-dev-vars/);
  });
});

test('init writes nothing about a token that only this machine lacks', async () => {
  using project = place({ 'wrangler.toml': wrangler });
  const read = await project.read();
  expect(outline(read).at(-1)).toBe('production: DB unavailable');
  const { content } = planInit(read);
  expect(content).toContain("DB: { d1: 'shop-production', wranglerEnv: 'production' }");
  expect(content).not.toContain('token');
});

test('init names the variable of a token that is called otherwise', async () => {
  using project = place({
    'drizzle.config.ts':
      "export default { dialect: 'sqlite', driver: 'd1-http', dbCredentials: { accountId: process.env.MY_ACCOUNT, databaseId: 'my-id', token: process.env.MY_KEY } };",
  });
  const variables = { MY_ACCOUNT: 'my-account', MY_KEY: 'my-own-token' };
  const before = await project.read({ variables });
  const plan = planInit(before, variables);
  expect(plan.content).toContain("{ d1: 'my-id', account: env('MY_ACCOUNT'), token: env('MY_KEY') }");
  writeInit(plan);
  expect(outline(await project.read({ variables }))).toEqual(outline(before));
});

test('init says how a folder is divided that two databases share', async () => {
  using project = place({
    'wrangler.toml': ['READ_REPLICA', 'AUTH']
      .map((binding) => `[[d1_databases]]\nbinding = "${binding}"\ndatabase_id = "${binding}-id"\n`)
      .join(''),
    'migrations/0001_api_keys.sql': 'CREATE TABLE api_keys (id text);',
  });
  const plan = planInit(await project.read());
  expect(plan.content).toContain(`
    // READ_REPLICA, AUTH share migrations/, and each gets all of it.
    // only: ['*_auth_*'] gives AUTH the files that fit, and the others the rest.
    AUTH: {`);
  writeInit(plan);
  expect((await project.read()).databases.map(({ only }) => only)).toEqual([undefined, undefined]);
});

test('init takes a folder with rollback files among its migrations for that of another runner, as wrangler cannot read it', async () => {
  using project = place({
    'wrangler.toml': '[[d1_databases]]\nbinding = "DB"\ndatabase_id = "an-id"\n',
    'migrations/0001_api_keys.sql': 'CREATE TABLE api_keys (id text);',
    'migrations/0001_api_keys.rollback.sql': 'DROP TABLE api_keys;',
  });
  const plan = planInit(await project.read());
  expect(plan.content).toContain(`
    // Rollback files lie among those of migrations/, and wrangler would run them as migrations:
    // it is taken for the folder of another runner, which records in _migrations.
    DB: { migrations: 'migrations', bookkeeping: 'numbered', table: '_migrations' },`);
  writeInit(plan);
  const status = await program(['status', '--json'], {
    cwd: project.root,
    env: { XDG_STATE_HOME: project.home, XDG_CACHE_HOME: project.home },
  });
  expect(JSON.parse(status.stdout)).toMatchObject({
    databases: [{ name: 'DB', format: 'numbered', migrations: [{ tag: '0001_api_keys' }] }],
  });
});

test('doctor names .dev.vars that git may take, and an account that is not said', async () => {
  using project = fixture('d1-worker');
  const root = join(project.root, 'apps/worker');
  project.write({
    'apps/worker/.dev.vars': 'CLOUDFLARE_API_TOKEN=a\n',
    'apps/worker/.dev.vars.dev': 'A=1\n',
  });
  project.write({ '.gitignore': '.dev.vars\n' });
  const checks = projectChecks(await project.read({ cwd: root }), { HOME: project.home });
  expect(checks).toContainEqual(
    expect.objectContaining({
      check: 'secrets',
      says: expect.stringMatching(/^\.dev\.vars\.dev: no \.gitignore/),
    }),
  );
  expect(checks).toContainEqual(
    expect.objectContaining({
      check: 'Cloudflare',
      state: 'warning',
      says: 'No account is named for dev, staging, production: the token must reach exactly one.',
      next: 'Set CLOUDFLARE_ACCOUNT_ID, or account_id in the wrangler configuration.',
    }),
  );
});
