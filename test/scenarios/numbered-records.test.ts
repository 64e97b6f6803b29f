import { expect, test } from 'vitest';
import { done, numberedProject, recordsIn, statesIn } from '../support/numbered-project.ts';
import { misfits } from '../support/schemas.ts';

const timeout = 120_000;

test('a file that a runner stopped in is found and finished', { timeout }, async () => {
  await using project = await numberedProject();
  await done(project, 'deploy local --yes');
  await project.write({ 'migrations/0005_two.sql': 'CREATE TABLE one (x);\nCREATE TABLE two (x);\n' });
  project.sql('app.db', 'CREATE TABLE one (x)');
  const { stdout } = await project.ours('recover local');
  expect(JSON.parse(stdout).cases).toMatchObject([
    { tag: '0005_two', after: 1, of: 2, options: [{ id: 'resume' }, {}, {}, {}, {}, {}, {}] },
  ]);
  await done(project, 'recover local --choose resume --yes');
  expect(recordsIn(project, 'app.db').at(-1)).toEqual([5, '0005_two']);
});

test(
  'records are marked, taken away and made for a database that was there before',
  { timeout },
  async () => {
    await using project = await numberedProject();
    project.sql('app.db', 'CREATE TABLE tasks (id TEXT PRIMARY KEY)');
    await done(project, 'baseline local --at 1 --database app --yes');
    expect(recordsIn(project, 'app.db')).toEqual([[1, '0001_read_replica_schema']]);
    await done(project, 'mark local 3 applied --database app --yes');
    await done(project, 'mark local 1 pending --database app --yes');
    expect(recordsIn(project, 'app.db')).toEqual([[3, '0003_add_vector_status']]);
  },
);

test('what wrangler or Drizzle recorded is not run a second time', { timeout }, async () => {
  await using project = await numberedProject();
  const tables = {
    wrangler:
      "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL); INSERT INTO d1_migrations (name) VALUES ('0002_api_keys.sql')",
    drizzle:
      "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric); INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('HASH', 1700000000000)",
  };
  const { stdout } = await project.ours('status');
  const [, auth] = JSON.parse(stdout).databases;
  for (const [by, sql] of Object.entries(tables)) {
    for (const statement of [
      'CREATE TABLE api_keys (id TEXT PRIMARY KEY)',
      ...sql.replace('HASH', auth.migrations[0].hash).split('; '),
    ])
      project.sql('auth.db', statement);
    const { exitCode, last } = await project.ours('deploy local --yes');
    expect({ exitCode, last }).toMatchObject({
      exitCode: 4,
      last: {
        code: 'refused',
        message: expect.stringContaining('has 1 migration as applied that _migrations does not have'),
      },
    });
    const found = JSON.parse((await project.ours('recover local')).stdout);
    expect(misfits('recovery', found)).toEqual([]);
    expect(found.cases).toMatchObject([{ situation: `recorded-by-${by}-only` }]);
    await done(project, 'recover local --choose reconcile --yes');
    expect(recordsIn(project, 'auth.db')).toEqual([[2, '0002_api_keys']]);
    // A reset leaves nothing that would stand against the deploy that follows it.
    expect(await done(project, 'reset local --yes')).toMatchObject({ kind: 'done' });
    for (const name of ['d1_migrations', '__drizzle_migrations'])
      expect(project.sql('auth.db', `SELECT 1 FROM sqlite_schema WHERE name = '${name}'`)).toEqual([]);
    await done(project, 'reset local --empty --yes');
  }
});

test('the folder is squashed, in every environment tidied, and goes on from there', { timeout }, async () => {
  await using project = await numberedProject();
  await done(project, 'deploy local --yes');
  await done(project, 'deploy staging --yes');
  await done(project, 'squash --database app --yes');
  expect(await project.read('migrations/0003_add_vector_status.sql')).toContain('vector_status');
  expect((await statesIn(project, 'local'))[0]?.items).toEqual([
    '0001_read_replica_schema squashed',
    '0003_add_vector_status applied',
  ]);
  await done(project, 'squash --tidy local --database app --yes');
  expect(recordsIn(project, 'app.db')).toEqual([[3, '0003_add_vector_status']]);
  expect(await done(project, 'new tasks_by_user --database app')).toMatchObject({
    message: expect.stringContaining('0004_tasks_by_user'),
  });
  await project.write({ 'migrations/0004_tasks_by_user.sql': 'CREATE TABLE by_user (id TEXT);' });
  for (const environment of ['local', 'staging'])
    expect(await done(project, `deploy ${environment} --yes`)).toMatchObject({
      applied: [{ tag: '0004_tasks_by_user' }],
    });
  await done(project, 'resync local --from staging --yes');
  expect(recordsIn(project, 'app.db').map(([version]) => version)).toEqual([1, 3, 4]);
});
