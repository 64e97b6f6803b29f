import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defineConfig, env } from '../../../src/config.ts';
import { planInit, writeInit } from '../../../src/project/init/init.ts';
import { projectChecks } from '../../../src/project/project-checks.ts';
import { outline, place } from '../support.ts';

type Json = Readonly<Record<string, unknown>>;

const app = { databases: { app: { migrations: 'drizzle', table: '__drizzle_migrations' } } };
const local = { targets: { app: 'file:local.db' } };

function withConfig(config: Json) {
  return place({ 'migrate-tui.config.json': JSON.stringify({ ...app, ...config }) });
}

describe('our configuration', () => {
  test('in TypeScript says everything that a command needs', async () => {
    using project = place({
      'migrate-tui.config.ts': `
        import { defineConfig, env } from 'migrate-tui';
        export default defineConfig({
          databases: { app: { migrations: 'drizzle', table: 't' }, auth: { migrations: 'drizzle', table: 't', only: ['*auth*'] } },
          order: ['auth'],
          environments: {
            local: { targets: { app: 'file:data/app.db', auth: ':memory:' } },
            production: {
              protected: true, after: 'local', soak: '24h', rehearse: 'structure', backup: 'external',
              timeouts: { connect: '3s' },
              invariants: { money: { database: 'app', sql: 'SELECT 1', within: 2 }, orders: 'SELECT 2' },
              targets: { app: { url: env('DB_URL'), authToken: env('DB_TOKEN') } },
            },
          },
          hooks: { afterVerify: { production: 'npm run tell' }, beforeBackup: 'true' },
          backups: { to: 'kept', keep: '36h' },
          ledger: 'file:runs.db',
        });`,
      '.env.production': 'DB_URL=libsql://db.example.io\nDB_TOKEN=token-of-production\n',
    });
    const read = await project.read();
    expect(outline(read)).toEqual([
      'local: auth → memory',
      'local: app → data/app.db',
      'production: app → libsql://db.example.io with a token',
    ]);
    expect(read).toMatchObject({
      configFile: join(project.root, 'migrate-tui.config.ts'),
      databases: [
        { name: 'auth', only: ['*auth*'] },
        { name: 'app', table: 't', only: undefined },
      ],
      hooks: { afterVerify: { production: 'npm run tell' }, beforeBackup: 'true', afterApply: undefined },
      backups: { to: join(project.root, 'kept'), keepDays: 1.5 },
      ledger: join(project.root, 'runs.db'),
      notes: [],
    });
    expect(read.environments[1]).toMatchObject({
      protected: true,
      after: 'local',
      soak: 86_400_000,
      rehearse: 'structure',
      backup: 'external',
      timeouts: { connect: 3000, busy: 5000 },
      invariants: [
        { name: 'money', database: 'app', sql: 'SELECT 1', within: 2 },
        { name: 'orders', database: undefined, sql: 'SELECT 2', within: 0 },
      ],
    });
  });

  test('borrows folder and table from the Drizzle configuration beside it', async () => {
    using project = place({
      'drizzle.config.ts': "export default { dialect: 'sqlite', out: 'sql', migrations: { table: 'mine' } };",
      'migrate-tui.config.json': JSON.stringify({ environments: { local } }),
    });
    const read = await project.read();
    expect(read.databases).toMatchObject([
      { name: 'app', directory: join(project.root, 'sql'), table: 'mine' },
    ]);
    expect(outline(read)).toEqual(['local: app → local.db']);
  });

  test('never guesses the table past a Drizzle configuration that cannot be read', async () => {
    using project = place({
      'drizzle.config.ts': "throw new Error('no');",
      'migrate-tui.config.json': JSON.stringify({
        databases: { app: { migrations: 'drizzle' } },
        environments: { local },
      }),
    });
    const error = await project.refusal();
    expect(error.message).toContain('the name of the tracking table is not known');
    expect(error.next).toContain("databases.app.table: '__drizzle_migrations'");
  });

  test('keeps an environment whose variable is not set visible, and says which one and where', async () => {
    using project = withConfig({
      environments: { local, staging: { targets: { app: { url: 'env:S_URL', authToken: 'env:S_TOKEN' } } } },
    });
    const read = await project.read({ variables: { S_URL: 'libsql://s.example.io' } });
    expect(outline(read)).toEqual(['local: app → local.db', 'staging: app unavailable']);
    expect(read.environments[1]?.targets[0]?.address).toMatchObject({
      why: 'S_TOKEN is not set, and environments.staging.targets.app in migrate-tui.config.json needs it. Set it in the environment, in .env.staging or in .env.',
    });
  });

  test('takes a theme by its name, or the looks in which one differs from another', async () => {
    using named = withConfig({ environments: { local }, theme: 'colour-blind' });
    expect((await named.read()).theme).toEqual({ name: 'colour-blind', looks: [] });
    using own = withConfig({ environments: { local }, theme: { ok: 'blueBright', danger: 'bold #d55e00' } });
    expect((await own.read()).theme).toEqual({
      name: 'ansi',
      looks: [
        { meaning: 'ok', look: 'blueBright' },
        { meaning: 'danger', look: 'bold #d55e00' },
      ],
    });
    using silent = withConfig({ environments: { local } });
    expect((await silent.read()).theme).toBeUndefined();
  });
});

describe('a mistake in our configuration is named with its key:', () => {
  const secret = 'eyJhbGciOi-literal';
  const mistakes: readonly (readonly [title: string, config: Json, message: string, next?: string])[] = [
    [
      'an unknown key',
      { environment: {} },
      'environment is no key that is known here',
      'Write environments instead',
    ],
    [
      'a theme that there is not',
      { theme: 'color-blind' },
      'theme names the theme "color-blind", which there is not',
      'Was colour-blind meant? Known: ansi, colour-blind, plain.',
    ],
    [
      'a meaning that no theme knows',
      { theme: { warns: 'yellow' } },
      'theme.warns is no key that is known here',
      'Write warn instead',
    ],
    [
      'a look that names two colours',
      { theme: { from: 'plain', ok: 'green blue' } },
      'theme.ok is no look that is known',
      "Write 'plain', or one colour and any of bold, dim, italic, underline, inverse, as in 'bold blueBright'.",
    ],
    [
      'an unknown key inside',
      { environments: { local: { ...local, protect: true } } },
      'environments.local.protect is no key',
      'Write protected instead',
    ],
    [
      'a wrong type',
      { environments: { local: { ...local, protected: 'yes' } } },
      'environments.local.protected must be true or false; a text was found',
    ],
    [
      'a missing target',
      { environments: { local: { targets: {} } } },
      'environments.local.targets names no target',
    ],
    [
      'an unknown database',
      { environments: { local: { targets: { ap: 'file:a.db' } } } },
      'names the database "ap", which there is not',
      'Was app meant?',
    ],
    [
      'a literal token',
      { environments: { s: { targets: { app: { url: 'env:A', authToken: secret } } } } },
      'environments.s.targets.app.authToken holds a literal secret',
      "write env('NAME')",
    ],
    [
      'a token in a URL',
      { environments: { s: { targets: { app: `libsql://h?authToken=${secret}` } } } },
      'environments.s.targets.app holds a literal secret inside its URL',
      'authToken: env(',
    ],
    [
      'a password in a URL',
      { environments: { s: { targets: { app: `libsql://u:${secret}@h` } } } },
      'holds a literal secret inside its URL',
    ],
    [
      'a bare path',
      { environments: { s: { targets: { app: 'local.db' } } } },
      'cannot be used: it begins with none of file:',
    ],
    [
      'a host in a file URL',
      { environments: { s: { targets: { app: 'file://local.db' } } } },
      '"local.db" after // is read as a host',
    ],
    ['a URL without a host', { environments: { s: { targets: { app: 'libsql://' } } } }, 'it names no host'],
    [
      'a duration without unit',
      { environments: { local: { ...local, after: 'x', soak: '24' } } },
      "environments.local.soak must be a duration such as '30m'",
    ],
    [
      'after itself',
      { environments: { local: { ...local, after: 'local' } } },
      "environments.local.after is 'local', which is no environment before it",
    ],
    [
      'after a later one',
      { environments: { a: { ...local, after: 'b' }, b: { ...local, after: 'a' } } },
      "environments.a.after is 'b'",
    ],
    [
      'soak without after',
      { environments: { a: { ...local, soak: '1h' } } },
      'environments.a.soak says how long to wait',
    ],
    ['a slash in a name', { environments: { 'a/b': local } }, 'environments."a/b" has a name that a shell'],
    [
      'an escape in a name',
      { environments: { 'a\u001B[2J': local } },
      'has a name that a shell or a path would take apart',
    ],
    [
      'a space in a name',
      { environments: { 'production eu': local } },
      'environments."production eu" has a name',
    ],
    ['an apostrophe in a name', { environments: { "anna's": local } }, `environments."anna's" has a name`],
    [
      'a name that a command takes for a hash',
      { databases: { 'app@1': { migrations: 'm' } }, environments: { local } },
      'databases."app@1" has a name',
    ],
    ['an order of nobody', { order: ['apps'], environments: { local } }, 'order names the database "apps"'],
    ['an order twice', { order: ['app', 'app'], environments: { local } }, 'order names app twice'],
    [
      'a hook for nobody',
      { environments: { local }, hooks: { afterApply: { prod: 'x' } } },
      'hooks.afterApply names the environment "prod"',
    ],
    [
      'a key for backups that is there for all to read',
      { environments: { local }, backups: { key: secret } },
      'backups.key holds a literal secret',
    ],
    [
      'such a key among others',
      { environments: { local }, backups: { key: ['env:K', secret] } },
      'backups.key[1] holds a literal secret',
    ],
    [
      'no key for backups',
      { environments: { local }, backups: { key: [] } },
      "backups.key must be env('NAME'), or a list of them; a list was found.",
    ],
  ];
  test.for(mistakes)('%s', async ([, config, message, next = '']) => {
    using project = withConfig(config);
    const error = await project.refusal();
    expect(error).toMatchObject({ code: 'config', exitCode: 2 });
    expect(error.message).toContain('migrate-tui.config.json: ');
    expect(error.message).toContain(message);
    expect(error.next).toContain(next);
    expect(`${error.message} ${error.next}`).not.toContain(secret);
  });

  test('JSON that is none, with line and column', async () => {
    using project = place({ 'migrate-tui.config.json': '{\n  "databases": }' });
    expect((await project.refusal()).message).toBe(
      'migrate-tui.config.json is not JSON: unexpected "}" (line 2, column 16).',
    );
  });

  test('a function where data belongs', async () => {
    using project = place({ 'migrate-tui.config.ts': 'export default { order: () => [] };' });
    expect((await project.refusal()).message).toBe(
      'migrate-tui.config.ts: order must be a list; a function was found.',
    );
  });
});

test('env() refers to a variable by name and refuses what cannot be one', () => {
  expect(defineConfig({ order: [env('A_1')] })).toEqual({ order: ['env:A_1'] });
  expect(() => env('A-1')).toThrow(TypeError);
});

describe('init', () => {
  test('writes a configuration that reads as the project did without it', async () => {
    using project = place({
      'drizzle.config.ts':
        "export default { dialect: 'turso', dbCredentials: { url: process.env.URL, authToken: process.env.KEY } };",
      '.env': 'URL=file:my%20data/a.db\n',
      '.env.production': 'URL=libsql://p.example.io\nKEY=key-of-production\n',
    });
    const before = await project.read();
    const plan = planInit(before, {});
    expect(plan.content).not.toContain('key-of-production');
    expect(project.listing()).not.toContain('migrate-tui.config.ts');
    writeInit(plan);
    const after = await project.read();
    expect(outline(after)).toEqual(outline(before));
    expect(after.databases).toEqual(before.databases);
    expect(after.environments.map(({ name, protected: guarded }) => [name, guarded])).toEqual([
      ['local', false],
      ['production', true],
    ]);
  });

  test('never replaces a file', async () => {
    using project = place({
      'drizzle.config.ts': "export default { dialect: 'sqlite', dbCredentials: { url: 'a.db' } };",
    });
    const plan = planInit(await project.read());
    project.write({ 'migrate-tui.config.ts': '// mine' });
    expect(() => writeInit(plan)).toThrow('is there already; nothing was written');
    expect(readFileSync(plan.file, 'utf8')).toBe('// mine');
  });
});

test('doctor names a missing folder and a .env that git may take', async () => {
  using project = withConfig({ environments: { s: { targets: { app: 'env:NOT_SET' } } } });
  project.write({ '.env': 'A=1', '.env.production': 'A=1', '.gitignore': '/.env\nnode_modules\n' });
  const checks = projectChecks(await project.read(), { HOME: project.home });
  expect(checks.filter(({ state }) => state !== 'ok')).toMatchObject([
    { check: 'migrations', state: 'problem', says: 'app: the folder drizzle/ does not exist.' },
    { check: 'secrets', says: expect.stringMatching(/^\.env\.production: no \.gitignore/) },
  ]);
  expect(
    projectChecks(await project.read(), { HOME: project.home }).every(
      ({ says }) => !says.includes('undefined'),
    ),
  ).toBe(true);
});
