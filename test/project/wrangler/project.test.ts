import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, outline, place, type Place } from '../support.ts';

const token = { CLOUDFLARE_API_TOKEN: 'the-token' };
const state = '.wrangler/state/v3/d1/miniflare-D1DatabaseObject';

/** Without the folder of local state and the name of its file, which is a hash of the id. */
async function found(project: Place, options: Parameters<Place['read']>[0] = {}): Promise<readonly string[]> {
  const lines = outline(await project.read({ ...options, variables: { ...token, ...options.variables } }));
  return lines.map((line) => line.replace(/ in .*\/[\da-f]{64}\.sqlite$/, ', local'));
}

function wrangler(toml: string): Place {
  return place({ 'wrangler.toml': toml });
}

function database(keys: string, env?: string): string {
  return `[[${env === undefined ? '' : `env.${env}.`}d1_databases]]\nbinding = "DB"\n${keys}\n`;
}

describe('a worker with a database for each environment', () => {
  test('has local, and one environment for each block in the usual order', async () => {
    using project = fixture('d1-worker');
    const root = join(project.root, 'apps/worker');
    const read = await project.read({ cwd: join(root, 'drizzle'), variables: token });
    expect(outline(read)).toEqual([
      `local: DB → D1 local in ${state}/2b35d4d42e3c9f6b5ad5b5579a7b1470c66e69f6b33a31e3f5a0095cc6d18656.sqlite`,
      'dev: DB → D1 0b9e0c52-6b6c-4a0e-9a52-0d1d51f5a001 of the only account, token',
      'staging: DB → D1 0b9e0c52-6b6c-4a0e-9a52-0d1d51f5a002 of the only account, token',
      'production: DB → D1 ze-benchmarks-prod of the only account, token',
    ]);
    expect(read).toMatchObject({
      root,
      databases: [
        {
          name: 'DB',
          directory: join(root, 'drizzle'),
          table: 'd1_migrations',
          bookkeeping: 'd1',
          format: 'auto',
        },
      ],
      sources: [
        { file: 'wrangler.toml', says: 'D1 DB; migrations in drizzle/ (1, Drizzle 0.x)' },
        { file: 'drizzle.config.ts', says: 'SQLite, migrations in drizzle/ (1, Drizzle 0.x)' },
      ],
    });
  });
});

describe('a worker with two databases over one folder', () => {
  test('has each of them in local and in remote, with the account of the file', async () => {
    using project = fixture('d1-two-databases');
    expect(await found(project)).toEqual([
      'local: READ_REPLICA → D1 6f5d1f6e-8c1c-4e0a-bd3e-52a3f31e0001, local',
      'local: AUTH → D1 6f5d1f6e-8c1c-4e0a-bd3e-52a3f31e0002, local',
      'remote: READ_REPLICA → D1 6f5d1f6e-8c1c-4e0a-bd3e-52a3f31e0001 of f037e56e89293a057740de681ac9abbe, token',
      'remote: AUTH → D1 6f5d1f6e-8c1c-4e0a-bd3e-52a3f31e0002 of f037e56e89293a057740de681ac9abbe, token',
    ]);
    const read = await project.read();
    expect(read.sources[0]?.says).toBe('D1 READ_REPLICA, AUTH; migrations in migrations/ (2, SQL files)');
    expect(read.notes).toEqual([
      'READ_REPLICA and AUTH share migrations/: each gets all of it, as from wrangler. "only" in a configuration divides it.',
    ]);
  });

  test('can be led to other databases by variables, and says so', async () => {
    using project = fixture('d1-two-databases');
    const variables = { D1_DATABASE_NAME: 'my-custom-db', AUTH_D1_DATABASE_NAME: 'my-auth-db', ...token };
    const read = await project.read({ variables });
    expect(outline(read).slice(2)).toEqual([
      'remote: READ_REPLICA → D1 my-custom-db of f037e56e89293a057740de681ac9abbe, token',
      'remote: AUTH → D1 my-auth-db of f037e56e89293a057740de681ac9abbe, token',
    ]);
    expect(read.notes).toContain('AUTH_D1_DATABASE_NAME leads AUTH of remote to my-auth-db.');
  });

  test('never takes D1_DATABASE_NAME for AUTH, which has a variable of its own', async () => {
    using project = wrangler(
      ['AUTH', 'MAIN']
        .map(
          (name) =>
            `[[d1_databases]]\nbinding = "${name}"\ndatabase_id = "${name}-id"\nmigrations_dir = "a"\n`,
        )
        .join('\n'),
    );
    expect((await found(project, { variables: { D1_DATABASE_NAME: 'mine' } })).slice(2)).toEqual([
      'remote: AUTH → D1 AUTH-id of the only account, token',
      'remote: MAIN → D1 mine of the only account, token',
    ]);
  });

  test('shows bindings that lead to one database once', async () => {
    using project = wrangler(
      ['READ', 'WRITE', 'OTHER']
        .map(
          (name) =>
            `[[d1_databases]]\nbinding = "${name}"\nmigrations_dir = "sql"\ndatabase_id = "${name === 'OTHER' ? 'b' : 'a'}"\n`,
        )
        .join('\n'),
    );
    expect(await found(project)).toEqual([
      'local: READ → D1 a, local',
      'local: OTHER → D1 b, local',
      'remote: READ → D1 a of the only account, token',
      'remote: OTHER → D1 b of the only account, token',
    ]);
    expect((await project.read()).notes).toContain(
      'WRITE in wrangler.toml leads to the same database as READ, and is shown as READ.',
    );
  });
});

describe('a worker beside drizzle-kit over HTTP', () => {
  test('takes account, id and token from .dev.vars, and keeps its folder in the table of wrangler', async () => {
    using project = fixture('d1-http');
    const read = await project.read();
    expect(outline(read).map((line) => line.replace(/ in .*/, ''))).toEqual([
      'local: DB → D1 DB',
      'staging: DB → D1 9a7d9f5c-0a52-4f4d-8d7c-64f0f3a50001 of account-of-dev-vars, token',
      'remote: DB → D1 9a7d9f5c-0a52-4f4d-8d7c-64f0f3a50002 of account-of-dev-vars, token',
    ]);
    expect(read.databases).toMatchObject([
      { name: 'DB', directory: join(project.root, 'drizzle'), bookkeeping: 'd1', table: 'd1_migrations' },
    ]);
    expect(read.notes).toEqual([
      'The database of drizzle.config.local.ts is not shown: its migrations are those of a D1 database.',
    ]);
    expect(JSON.stringify(read)).not.toContain('token-of-dev-vars');
  });

  test('reads .dev.vars of an environment for that environment, and the process before all files', async () => {
    using project = fixture('d1-http');
    project.write({ '.dev.vars.staging': 'CLOUDFLARE_ACCOUNT_ID=staging-account\n' });
    expect((await found(project))[1]).toContain('of staging-account, token');
    project.write({ '.env': 'CLOUDFLARE_ACCOUNT_ID=account-of-env\n' });
    expect((await found(project))[1]).toContain('of account-of-env, token');
    expect((await found(project, { variables: { CLOUDFLARE_ACCOUNT_ID: 'mine' } }))[1]).toContain('of mine,');
  });

  test('without wrangler is kept in the table of Drizzle', async () => {
    using project = fixture('d1-http');
    project.remove('wrangler.jsonc');
    const read = await project.read();
    expect(outline(read)).toEqual([
      'local: app → local.db',
      'remote: app → D1 9a7d9f5c-0a52-4f4d-8d7c-64f0f3a50002 of account-of-dev-vars, token',
    ]);
    expect(read.databases).toMatchObject([{ bookkeeping: 'drizzle', table: '__drizzle_migrations' }]);
  });

  test('with a wrangler configuration that has no migrations is migrated by drizzle-kit', async () => {
    using project = place({
      'wrangler.toml': database('database_id = "9a7d9f5c-0a52-4f4d-8d7c-64f0f3a50001"'),
      'drizzle.config.json': JSON.stringify({ dialect: 'sqlite', driver: 'd1-http', out: 'sql' }),
    });
    expect((await project.read()).databases).toMatchObject([
      {
        name: 'DB',
        directory: join(project.root, 'sql'),
        bookkeeping: 'drizzle',
        table: '__drizzle_migrations',
      },
    ]);
  });

  test('has no environment for a configuration that only generates, where blocks name the databases', async () => {
    const only = { dialect: 'sqlite', driver: 'd1-http', out: 'drizzle' };
    const local = database('database_id = "local"\nmigrations_dir = "drizzle"');
    const staging = database('database_name = "staging"\nmigrations_dir = "drizzle"', 'staging');
    using project = place({ 'wrangler.toml': local + staging, 'drizzle.config.json': JSON.stringify(only) });
    expect(await found(project)).toEqual([
      'local: DB → D1 local, local',
      'staging: DB → D1 staging of the only account, token',
    ]);
    project.write({ 'wrangler.toml': local });
    expect(await found(project)).toEqual(['local: DB → D1 local, local', 'remote: DB unavailable']);
  });

  test('is readable while the Drizzle configuration is not', async () => {
    using project = fixture('d1-http');
    project.write({ 'drizzle.config.ts': "throw new Error('no vault here');" });
    const read = await project.read();
    expect(
      read.environments.map(({ name, targets }) => [name, targets.map(({ database }) => database)]),
    ).toEqual([
      ['local', ['DB']],
      ['staging', ['DB']],
      ['remote', ['DB']],
    ]);
    expect(outline(read)[1]).toMatch(/^staging: DB → D1 .* of account-of-dev-vars, token$/);
    expect(read.notes.join()).toContain('no vault here');
  });

  test('keeps a database of another folder beside it, with the table of Drizzle', async () => {
    using project = wrangler(database('migrations_dir = "a"'));
    project.write({
      'drizzle.config.json': JSON.stringify({
        dialect: 'sqlite',
        out: 'sql',
        dbCredentials: { url: 'file:other.db' },
      }),
    });
    expect(await found(project)).toEqual(['local: DB → D1 DB, local', 'local: app → other.db']);
    expect((await project.read()).databases).toMatchObject([
      { bookkeeping: 'd1' },
      { bookkeeping: 'drizzle' },
    ]);
  });
});

describe('what wrangler leaves open', () => {
  test('a placeholder for an id makes no remote environment; a block is found by its name then', async () => {
    using project = wrangler(
      `name = "w"\n${database('database_id = "<your-id>"\nmigrations_dir = "a"')}${database('database_name = "s"\ndatabase_id = "xxxxxxxx-xxxx"\nmigrations_dir = "a"', 'staging')}${database('migrations_dir = "a"', 'production')}`,
    );
    expect(await found(project)).toEqual([
      'local: DB → D1 <your-id>, local',
      'staging: DB → D1 s of the only account, token',
      // What wrangler calls a database that it makes by itself.
      'production: DB → D1 w-production-db of the only account, token',
    ]);
  });

  test('a database without any name is shown with what is missing', async () => {
    using project = wrangler(database('migrations_dir = "a"', 'staging'));
    const read = await project.read({ variables: token });
    expect(outline(read)[1]).toBe('staging: DB unavailable');
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({
      why: 'DB of env.staging in wrangler.toml has neither database_id nor database_name, and the worker has no name. Add one of them.',
    });
  });

  test('databases in blocks only: local is that of the block for development', async () => {
    using project = wrangler(
      ['staging', 'dev']
        .map((env) => database(`database_id = "${env}-id"\nmigrations_dir = "a"`, env))
        .join(''),
    );
    expect(await found(project)).toEqual([
      'local: DB → D1 dev-id, local',
      'dev: DB → D1 dev-id of the only account, token',
      'staging: DB → D1 staging-id of the only account, token',
    ]);
    expect((await project.read()).notes).toContain('local is the state of "wrangler dev --env dev".');
  });

  test('a block that is called local is local, and one without databases is noted', async () => {
    using project = wrangler(
      `${database('database_id = "top"\nmigrations_dir = "a"')}${database('preview_database_id = "mine"\nmigrations_dir = "a"', 'local')}[env.empty]\n`,
    );
    expect(await found(project)).toEqual([
      'local: DB → D1 mine, local',
      'remote: DB → D1 top of the only account, token',
    ]);
    expect((await project.read()).notes).toContain(
      'env.empty in wrangler.toml has no d1_databases: wrangler does not inherit those of the top level.',
    );
  });

  test('a block that forgot the folder of migrations gets that of the others', async () => {
    using project = wrangler(
      database('migrations_dir = "drizzle"\nmigrations_table = "t"') +
        database('database_name = "s"', 'staging'),
    );
    const read = await project.read({ variables: token });
    expect(read.databases).toMatchObject([{ name: 'DB', table: 't' }]);
    expect(read.notes.join()).toContain('env.staging of wrangler.toml does not say migrations_dir of DB');
  });

  test('a variable for all environments leads no block elsewhere, one in a file of its own does', async () => {
    using project = wrangler(
      ['staging', 'production']
        .map((env) => database(`database_id = "${env}-id"\nmigrations_dir = "a"`, env))
        .join(''),
    );
    project.write({
      '.env': 'D1_DATABASE_NAME=everywhere\n',
      '.env.staging': 'D1_DATABASE_NAME=elsewhere\n',
    });
    const lines = await found(project, { variables: { D1_DATABASE_NAME: 'everywhere' } });
    expect(lines.slice(1)).toEqual([
      'staging: DB → D1 elsewhere of the only account, token',
      'production: DB → D1 production-id of the only account, token',
    ]);
  });

  test('an id that only the environment has makes remote', async () => {
    using project = wrangler(database('migrations_dir = "a"'));
    expect(await found(project)).toEqual(['local: DB → D1 DB, local']);
    const variables = { CLOUDFLARE_DATABASE_ID: 'an-id' };
    expect((await found(project, { variables }))[1]).toBe('remote: DB → D1 an-id of the only account, token');
  });

  test('a block that is called remote is remote; a binding that is remote in development is noted', async () => {
    using project = wrangler(
      database('database_id = "top"\nmigrations_dir = "a"\nremote = true') +
        database('database_id = "block"\nmigrations_dir = "a"', 'remote'),
    );
    expect(await found(project)).toEqual([
      'local: DB → D1 top, local',
      'remote: DB → D1 block of the only account, token',
    ]);
    expect((await project.read()).notes).toEqual([
      'DB in wrangler.toml has remote = true: "wrangler dev" uses the database at Cloudflare, not local.',
      'remote is env.remote of wrangler.toml; the database of its top level is not shown.',
    ]);
  });

  test('an environment that only a Drizzle configuration names is there, too', async () => {
    using project = wrangler(database('migrations_dir = "drizzle"'));
    project.write({
      'drizzle.config.staging.json': JSON.stringify({
        dialect: 'sqlite',
        driver: 'd1-http',
        dbCredentials: { accountId: 'of-drizzle', databaseId: 'staging-id' },
      }),
    });
    expect(await found(project)).toEqual([
      'local: DB → D1 DB, local',
      'staging: DB → D1 staging-id of of-drizzle, token',
    ]);
  });

  test('a block with other migrations is another database', async () => {
    using project = wrangler(
      database('migrations_dir = "a"\nmigrations_pattern = "a/*/migration.sql"') +
        database('migrations_dir = "../b"\ndatabase_name = "s"', 'staging'),
    );
    expect((await project.read()).databases).toMatchObject([
      { name: 'DB', directory: join(project.root, 'a'), pattern: '*/migration.sql' },
      { name: 'DB-staging', directory: join(project.root, '../b') },
    ]);
    expect(await found(project)).toEqual([
      'local: DB → D1 DB, local',
      'staging: DB-staging → D1 s of the only account, token',
    ]);
  });

  test('a binding without migrations is left out while another has some', async () => {
    using project = wrangler(
      `${database('migrations_dir = "a"')}[[d1_databases]]\nbinding = "LOGS"\ndatabase_id = "logs"\n`,
    );
    const read = await project.read();
    expect(read.databases.map(({ name }) => name)).toEqual(['DB']);
    expect(read.notes.join()).toContain('LOGS in wrangler.toml is left out: it has no migrations_dir');
  });

  test('a build that leads "wrangler deploy" elsewhere, and the configuration to come, are noted', async () => {
    using project = wrangler(database('migrations_dir = "a"\ndatabase_id = "one"'));
    const built = (id: string) => JSON.stringify({ d1_databases: [{ binding: 'DB', database_id: id }] });
    project.write({
      '.wrangler/deploy/config.json': '{ "configPath": "../../dist/wrangler.json" }',
      'dist/wrangler.json': built('one'),
    });
    expect((await project.read()).notes).toEqual([]);
    project.write({ 'dist/wrangler.json': built('two'), 'cloudflare.config.ts': '' });
    expect((await project.read()).notes).toEqual([
      'cloudflare.config.ts is not read, because it says no folder of migrations; wrangler.toml is.',
      '.wrangler/deploy/config.json leads "wrangler deploy" to dist/wrangler.json, whose D1 databases differ; wrangler.toml is read, as by "wrangler d1".',
    ]);
  });
});

describe('credentials for Cloudflare', () => {
  const toml = database('database_id = "one"\nmigrations_dir = "a"');

  test('missing ones leave local in use, and say which variable to set', async () => {
    using project = wrangler(toml);
    const read = await project.read();
    expect(outline(read)[1]).toBe('remote: DB unavailable');
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({
      why: expect.stringContaining('Set CLOUDFLARE_API_TOKEN in the environment, in .env or in .dev.vars'),
    });
  });

  test('are the login of wrangler where the project has wrangler', async () => {
    using project = wrangler(toml);
    project.write({ 'node_modules/wrangler/package.json': '{}' });
    expect(outline(await project.read())[1]).toBe('remote: DB → D1 one of the only account, wrangler');
  });

  test.for(['CF_API_TOKEN', 'CLOUDFLARE_D1_TOKEN'])('may be called %s', async (name) => {
    using project = wrangler(toml);
    project.write({ '.env': `${name}=a-token\nCF_ACCOUNT_ID=an-account\n` });
    expect(outline(await project.read())[1]).toBe('remote: DB → D1 one of an-account, token');
  });

  test('are those of the Drizzle configuration for the same folder where there are no others', async () => {
    using project = wrangler(database('database_id = "one"\nmigrations_dir = "drizzle"'));
    project.write({
      'drizzle.config.ts':
        "export default { dialect: 'sqlite', driver: 'd1-http', dbCredentials: { accountId: 'its-account', databaseId: 'x', token: process.env.MINE } };",
    });
    const lines = outline(await project.read({ variables: { MINE: 'a-token' } }));
    expect(lines[1]).toBe('remote: DB → D1 one of its-account, token');
  });

  test('of the environment come before those of all', async () => {
    using project = wrangler(toml + database('database_id = "two"\nmigrations_dir = "a"', 'production'));
    project.write({
      '.env': 'CLOUDFLARE_API_TOKEN=for-all\n',
      '.env.production': 'CLOUDFLARE_D1_TOKEN=for-production\n',
    });
    const { environments } = await project.read();
    const tokens = environments.flatMap(({ targets }) =>
      targets.flatMap(({ address }) =>
        address.kind === 'd1-remote' && address.credentials.kind === 'token'
          ? [address.credentials.token.reveal()]
          : [],
      ),
    );
    expect(tokens).toEqual(['for-production', 'for-all']);
  });

  test('go to another API where the environment names one', async () => {
    using project = wrangler(toml);
    const variables = { ...token, CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9/client/v4/' };
    const read = await project.read({ variables });
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({ api: 'http://127.0.0.1:9/client/v4' });
  });
});

describe('finding a wrangler configuration', () => {
  test('prefers json to jsonc to toml, as wrangler does', async () => {
    using project = wrangler(database('database_id = "toml"\nmigrations_dir = "a"'));
    const json = (id: string) =>
      JSON.stringify({ d1_databases: [{ binding: 'DB', database_id: id, migrations_dir: 'a' }] });
    project.write({ 'wrangler.jsonc': json('jsonc') });
    expect((await found(project))[0]).toBe('local: DB → D1 jsonc, local');
    project.write({ 'wrangler.json': json('json') });
    expect((await found(project))[0]).toBe('local: DB → D1 json, local');
    expect((await project.read()).notes).toContain(
      'wrangler.json is used, as by wrangler; wrangler.toml is ignored.',
    );
  });

  test('reads the one that --config names', async () => {
    using project = wrangler(database('database_id = "one"\nmigrations_dir = "a"'));
    project.write({ 'wrangler.other.toml': database('database_id = "two"\nmigrations_dir = "a"') });
    expect((await found(project, { config: 'wrangler.other.toml' }))[0]).toBe('local: DB → D1 two, local');
  });

  test('above the project counts for the databases whose migrations are in it', async () => {
    using project = wrangler(database('migrations_dir = "packages/db/drizzle"'));
    const files = {
      'packages/db/drizzle.config.json': JSON.stringify({ dialect: 'sqlite' }),
      'packages/other/drizzle.config.json': JSON.stringify({
        dialect: 'sqlite',
        dbCredentials: { url: 'file:a.db' },
      }),
    };
    project.write(files);
    mkdirSync(join(project.root, 'packages/db/drizzle'));
    const read = await project.read({ cwd: join(project.root, 'packages/db') });
    expect(read.databases).toMatchObject([{ name: 'DB', bookkeeping: 'd1' }]);
    const [target] = read.environments[0]?.targets ?? [];
    expect(target?.address).toMatchObject({ path: expect.stringContaining(join(project.root, state)) });
    expect(outline(await project.read({ cwd: join(project.root, 'packages/other') }))).toEqual([
      'local: app → a.db',
    ]);
  });

  test('that is broken stops the project with its line: the tracking table would be guessed otherwise', async () => {
    using project = fixture('d1-http');
    project.write({ 'wrangler.jsonc': '{ "d1_databases": [' });
    expect(await project.refusal()).toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^wrangler\.jsonc:1:\d+ is not JSON: /),
    });
  });
});
