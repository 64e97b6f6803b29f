import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, outline, place } from './support.ts';

describe('a project without a configuration of ours', () => {
  test('of Drizzle 0.x gives its database, its folder and where each was found', async () => {
    using project = fixture('drizzle-0');
    const read = await project.read();
    expect(outline(read)).toEqual(['local: app → local.db']);
    expect(read).toMatchObject({
      name: 'ledgerly',
      configFile: undefined,
      databases: [{ name: 'app', directory: join(project.root, 'drizzle'), table: '__drizzle_migrations' }],
      sources: [
        { file: 'drizzle.config.ts', says: 'SQLite, migrations in drizzle/ (1, Drizzle 0.x)' },
        { file: '.env', says: 'DATABASE_URL  file:local.db' },
      ],
    });
  });

  test('counts migrations, not the rollback and verify files beside them', async () => {
    using project = fixture('drizzle-0');
    const [file = ''] = readdirSync(join(project.root, 'drizzle')).filter((name) => name.endsWith('.sql'));
    for (const role of ['rollback', 'verify'])
      writeFileSync(join(project.root, 'drizzle', file.replace('.sql', `.${role}.sql`)), 'SELECT 1;');
    const { sources } = await project.read();
    expect(sources[0]?.says).toBe('SQLite, migrations in drizzle/ (1, Drizzle 0.x)');
  });

  test('of Drizzle 1.0 gives its own table, and the remote database with its token', async () => {
    using project = fixture('drizzle-1');
    const variables = { TURSO_URL: 'libsql://db.example.io', TURSO_TOKEN: 'the-token' };
    const read = await project.read({ variables });
    expect(outline(read)).toEqual(['remote: app → libsql://db.example.io with a token']);
    expect(read.databases[0]).toMatchObject({
      directory: join(project.root, 'migrations'),
      table: 'applied',
    });
    expect(read.sources[0]?.says).toBe('Turso, migrations in migrations/ (1, Drizzle 1.0)');
    expect(JSON.stringify(read)).not.toContain('the-token');
  });

  test('may be plain JavaScript or JSON', async () => {
    using javascript = fixture('javascript');
    using json = fixture('json');
    expect(outline(await javascript.read())).toEqual(['local: app → app.db']);
    expect(outline(await json.read())).toEqual(['local: app → data/app.db']);
  });

  test('with one configuration per environment gives these environments, the local one first', async () => {
    using project = fixture('per-environment');
    const read = await project.read();
    expect(outline(read)).toEqual([
      'local: app → local.db',
      'staging: app → libsql://staging.example.io with a token',
      'remote: app unavailable',
    ]);
    const remote = read.environments.at(-1)?.targets[0]?.address;
    expect(remote).toMatchObject({ why: expect.stringContaining('Set CLOUDFLARE_API_TOKEN') });
  });

  test('gives a further database a name that can be pasted, whatever its folder is called', async () => {
    using project = place({
      'drizzle.config.json': drizzleJson("anna's files", 'other.db'),
      'drizzle-local.config.json': drizzleJson('drizzle', 'local.db'),
    });
    expect((await project.read()).databases.map(({ name }) => name)).toEqual(['app', 'anna-s-files']);
  });

  test('is named when the question is asked above it, as at the top of a monorepo', async () => {
    using project = place({
      'apps/worker/wrangler.toml': '',
      'node_modules/some/drizzle.config.ts': '',
      '.cache/some/drizzle.config.ts': '',
    });
    expect(await project.refusal()).toMatchObject({
      code: 'not-found',
      next: 'apps/worker has a configuration: migrate-tui --project apps/worker reads it.',
    });
    project.write({
      'packages/server/drizzle.config.ts': '',
      'packages/server/example/drizzle.config.ts': '',
    });
    expect((await project.refusal()).next).toBe(
      'Found below: apps/worker, packages/server. migrate-tui --project apps/worker reads the first.',
    );
  });

  test('in a folder of a monorepo is found from below, with paths and enums of its TypeScript', async () => {
    using project = fixture('monorepo');
    const root = join(project.root, 'packages/db');
    const read = await project.read({ cwd: join(root, 'src') });
    expect(read.root).toBe(root);
    expect(outline(read)).toEqual(['local: app → data/app.db']);
    expect(read.databases[0]?.directory).toBe(join(root, 'sql'));
  });

  test('has an environment for each .env.X that leads elsewhere', async () => {
    using project = fixture('drizzle-0');
    project.write({
      '.env.staging': 'DATABASE_URL=libsql://staging.example.io\n',
      '.env.test': 'OTHER=1\n',
      '.env.example': 'DATABASE_URL=libsql://example.io\n',
    });
    const read = await project.read();
    expect(outline(read)).toEqual(['local: app → local.db', 'staging: app → libsql://staging.example.io']);
    expect(read.sources).toContainEqual({
      file: '.env.staging',
      says: 'DATABASE_URL  libsql://staging.example.io (no token)',
    });
  });

  test('on a loopback server is local, and a token in the URL leaves the URL', async () => {
    using project = fixture('drizzle-0');
    const read = await project.read({ variables: { DATABASE_URL: 'http://127.0.0.1:8080?authToken=abc' } });
    expect(outline(read)).toEqual(['local: app → http://127.0.0.1:8080 with a token']);
  });

  test('says that the variables of the process win over .env', async () => {
    using project = fixture('drizzle-0');
    expect(outline(await project.read({ variables: { DATABASE_URL: 'file:other.db' } }))).toEqual([
      'local: app → other.db',
    ]);
  });

  test('stays readable when one of several configurations fails', async () => {
    using project = fixture('per-environment');
    project.write({ 'drizzle.config.staging.ts': 'throw new Error("no vault here");' });
    const read = await project.read();
    expect(outline(read)).toContain('staging: app unavailable');
    expect(outline(read)).toContain('local: app → local.db');
    expect(read.notes.join()).toContain('drizzle.config.staging.ts stopped with: no vault here');
  });

  test('takes no notice of a wrangler configuration without D1, and refuses a folder that has nothing else', async () => {
    using project = fixture('drizzle-0');
    project.write({ 'wrangler.toml': 'name = "worker"\n' });
    expect(outline(await project.read())).toEqual(['local: app → local.db']);
    rmSync(join(project.root, 'drizzle.config.ts'));
    expect(await project.refusal()).toMatchObject({
      code: 'config',
      message: expect.stringContaining('wrangler.toml only'),
      next: expect.stringContaining('Add d1_databases to wrangler.toml'),
    });
  });

  test('whose folder of migrations no disk can hold is read: it is the folder that is said to be wrong', async () => {
    const migrations = 'x'.repeat(300);
    using project = place({
      'migrate-tui.config.json': JSON.stringify({
        databases: { app: { migrations } },
        environments: { local: { targets: { app: 'file:app.db' } } },
      }),
    });
    expect((await project.read()).databases).toMatchObject([{ directory: join(project.root, migrations) }]);
  });

  test('leaves MySQL visible and says that it is not served', async () => {
    using project = place({
      'drizzle.config.ts':
        "export default { dialect: 'mysql', dbCredentials: { url: 'mysql://u:hushhush@h/d' } }",
    });
    const read = await project.read();
    expect(outline(read)).toEqual(['remote: app unavailable']);
    expect(read.environments[0]?.targets[0]?.address).toMatchObject({
      why: 'mysql is not served by this version; sqlite, turso and postgresql are.',
    });
    expect(JSON.stringify(read)).not.toContain('hushhush');
  });
});

describe('finding the project', () => {
  test('takes the nearest folder, but one with our configuration before all others', async () => {
    using project = fixture('monorepo');
    project.write({
      'migrate-tui.config.json': JSON.stringify({
        databases: { app: { migrations: 'packages/db/sql', table: '__drizzle_migrations' } },
        environments: { local: { targets: { app: 'file:root.db' } } },
      }),
    });
    const read = await project.read({ cwd: join(project.root, 'packages/db/src') });
    expect(read.root).toBe(project.root);
    expect(outline(read)).toEqual(['local: app → root.db']);
  });

  test('ends at the git root and says where it looked', async () => {
    using project = fixture('drizzle-0');
    const nested = join(project.root, 'other');
    mkdirSync(join(nested, '.git'), { recursive: true });
    mkdirSync(join(nested, 'src'));
    const error = await project.refusal({ cwd: join(nested, 'src') });
    expect(error).toMatchObject({ code: 'not-found', exitCode: 2 });
    expect(error.message).toContain(`${join(nested, 'src')} or above it, up to ${nested}`);
  });

  test('begins where --project says, and reads the file that --config names', async () => {
    using project = fixture('per-environment');
    const cwd = join(project.root, '..');
    expect((await project.read({ cwd, project: 'project' })).root).toBe(project.root);
    const read = await project.read({ cwd, config: 'project/drizzle.config.staging.ts' });
    expect(outline(read)).toEqual(['staging: app → libsql://staging.example.io with a token']);
    expect(await project.refusal({ config: 'missing.ts' })).toMatchObject({ code: 'not-found' });
    expect(await project.refusal({ project: 'missing' })).toMatchObject({ code: 'not-found' });
  });

  test('creates no file in the project', async () => {
    using project = fixture('per-environment');
    const before = project.listing();
    await project.read();
    expect(project.listing()).toEqual(before);
  });
});

function drizzleJson(out: string, url: string): string {
  return JSON.stringify({ dialect: 'sqlite', out, dbCredentials: { url: `file:${url}` } });
}
