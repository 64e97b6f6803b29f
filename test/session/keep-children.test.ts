import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { MigrationReport } from '../../src/operations/reports.ts';
import { cli, type Ended } from '../support/cli.ts';
import { sessionOn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { localFile } from '../support/wrangler.ts';

const rebuild = [
  'CREATE TABLE __new_teams (id integer PRIMARY KEY, name text NOT NULL DEFAULT 1);',
  'INSERT INTO __new_teams SELECT id, name FROM teams;',
  'DROP TABLE teams;',
  'ALTER TABLE __new_teams RENAME TO teams;',
];

test('on libSQL it can stay as it is, and the file comes out as it is', async () => {
  using project = smallProject();
  project.add('0002_rebuild', rebuild);
  const asked = await migration(project, '0002', 'staging');
  expect(asked).toMatchObject({ exitCode: 0, stdout: await file(project) });
  expect(asked.stderr).toContain('0002_rebuild can stay as it is. app in staging is not on D1');
  const written = await migration(project, '0002', 'staging', '--write');
  expect(written).toMatchObject({ exitCode: 0, stdout: '' });
  expect(await file(project)).toBe(rebuild.join('\n--> statement-breakpoint\n'));
});

test('what comes before it and is not applied yet is taken into account', async () => {
  using project = onD1();
  project.add('0002_rename', ['ALTER TABLE members RENAME TO players;']);
  project.add('0003_rebuild', rebuild);
  const { stdout } = await migration(project, '0003', 'production', '--json');
  const { rewritten, findings }: MigrationReport = JSON.parse(stdout);
  expect(rewritten?.keeps).toEqual([{ table: 'players', why: expect.stringContaining('CASCADE') }]);
  expect(findings.map(({ fix }) => fix)).toContainEqual(
    expect.stringContaining('migrate-tui migration 0003_rebuild --keep-children production prints'),
  );
});

test('what cannot be rewritten says why, and no refusal promises it', async () => {
  using project = onD1();
  expect(await run(project, 'deploy', 'production', '--yes')).toMatchObject({ exitCode: 0 });
  project.add('0002_rebuild', [
    'ALTER TABLE teams RENAME TO old;',
    'CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL);',
    'INSERT INTO teams SELECT id, name FROM old;',
    'DROP TABLE old;',
  ]);
  const refused = await run(project, 'deploy', 'production', '--yes', '--json');
  expect(refused.stdout).toContain('"rows-lost"');
  expect(refused.stdout.split('\n').at(-2)).not.toContain('--keep-children');
  const asked = await migration(project, '0002', 'production');
  expect(asked).toMatchObject({ exitCode: 4, stdout: '' });
  expect(asked.stderr).toContain('teams is renamed to old first');
  const document = await migration(project, '0002', 'production', '--json');
  expect(document.exitCode).toBe(4);
  expect(JSON.parse(document.stdout)).toMatchObject({ notRewritten: { reason: 'not-possible' } });
});

test('rows that the same deploy inserts are kept in the same way', async () => {
  using project = onD1();
  project.add('0002_rebuild', rebuild);
  const stopped = await run(project, 'apply', 'production', '--yes');
  expect(stopped.exitCode).toBe(5);
  const [, command] =
    /migrate-tui (migration 0002_rebuild .*? --write) /.exec(stopped.stderr + stopped.stdout) ?? [];
  const rewritten = await run(project, ...(command ?? '').split(' '));
  expect(rewritten, stopped.stderr + rewritten.stderr).toMatchObject({ exitCode: 0 });
  expect(await run(project, 'deploy', 'production', '--yes')).toMatchObject({ exitCode: 0 });
  using connection = new DatabaseSync(localFile(project.root, 'DB'));
  expect(connection.prepare('SELECT * FROM members').all()).toEqual([
    { id: 1, team_id: 1 },
    { id: 2, team_id: 2 },
  ]);
});

test('a file that the shell has emptied for the output says so', async () => {
  using project = onD1();
  project.add('0002_rebuild', []);
  const asked = await migration(project, '0002', 'production');
  expect(asked).toMatchObject({ exitCode: 4, stdout: '' });
  expect(asked.stderr).toContain('A shell empties a file');
});

test('nothing is written over a file that somebody edited meanwhile', async () => {
  using project = onD1();
  project.add('0002_rebuild', rebuild);
  await using session = await sessionOn(project);
  const report = await session.ask({
    kind: 'migration',
    tag: '0002',
    database: undefined,
    keepChildren: 'production',
  });
  if (report.kind !== 'migration') throw new Error(report.kind);
  await writeFile(join(project.root, 'drizzle/0002_rebuild.sql'), 'SELECT 1;');
  await expect(session.replaceFile(report)).rejects.toMatchObject({ code: 'target-changed' });
  expect(await file(project)).toBe('SELECT 1;');
});

test('nothing is written while an environment cannot be asked whether it has run it', async () => {
  using project = onD1({ staging: { targets: { app: 'http://127.0.0.1:9' } } });
  project.add('0002_rebuild', rebuild);
  const refused = await migration(project, '0002', 'production', '--write');
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
  expect(refused.stderr).toContain('staging cannot be asked whether 0002_rebuild ran there');
  expect(await file(project)).toBe(rebuild.join('\n--> statement-breakpoint\n'));
});

test('where only a database of this machine has run it, a reset is named as the way, and is one', async () => {
  using project = onD1({ local: { targets: { app: 'file:local.db' } } });
  project.add('0002_rebuild', rebuild);
  expect(await run(project, 'deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  const refused = await migration(project, '0002', 'production', '--write');
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
  expect(refused.stderr).toMatch(
    /local has run 0002_rebuild[^]* migrate-tui reset local --empty --yes takes a backup and empties it, [^]* migrate-tui deploy local --yes builds it anew/,
  );
  expect(await run(project, 'reset', 'local', '--empty', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await migration(project, '0002', 'production', '--write')).toMatchObject({ exitCode: 0 });
  expect(await run(project, 'deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await run(project, 'status', 'local', '--check')).toMatchObject({ exitCode: 0 });
  project.configureEnvironment('local', { protected: true });
  const kept = await migration(project, '0002', 'production', '--write', '--json');
  expect(kept.stdout).not.toContain('migrate-tui reset');
});

test('a database with a migration of that name is named where there are several', async () => {
  using project = onD1();
  const twice = { migrations: 'drizzle', bookkeeping: 'd1' };
  project.configure({
    databases: { app: twice, copy: twice },
    environments: { production: { targets: { app: { d1Local: 'DB' }, copy: { d1Local: 'COPY' } } } },
  });
  project.add('0002_rebuild', rebuild);
  const refused = await migration(project, '0002', 'production');
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toContain('Add --database app or --database copy.');
  const named = await migration(project, '0002', 'production', '--database', 'copy');
  expect(named).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('__keep_members') });

  const app = localFile(project.root, 'DB');
  expect(
    await run(project, 'apply', 'production', '--database', 'app', '--to', '0001', '--yes'),
  ).toMatchObject({
    exitCode: 0,
  });
  using connection = new DatabaseSync(app);
  connection.exec("INSERT INTO d1_migrations (name) VALUES ('0002_rebuild.sql')");
  const shared = await migration(project, '0002', 'production', '--database', 'copy', '--write');
  expect(shared).toMatchObject({ exitCode: 4, stdout: '' });
  expect(shared.stderr).toContain('production has run 0002_rebuild');
});

test('--write without what is to be written is refused', async () => {
  using project = onD1();
  expect(await run(project, 'migration', '0001', '--write')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('migrate-tui migration 0001 --keep-children ENV --write'),
  });
});

test('reading it makes no database', async () => {
  using project = onD1();
  project.add('0002_rebuild', rebuild);
  const asked = await migration(project, '0002', 'production');
  expect(asked.stdout).toContain('INSERT INTO "members"');
  expect(existsSync(localFile(project.root, 'DB'))).toBe(false);
});

/** `production` on a local D1. */
function onD1(more: Readonly<Record<string, unknown>> = {}): SmallProject {
  const project = smallProject();
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { production: { targets: { app: { d1Local: 'DB' } } }, ...more },
  });
  return project;
}

async function migration(
  project: SmallProject,
  tag: string,
  environment: string,
  ...more: readonly string[]
): Promise<Ended> {
  return run(project, 'migration', tag, '--keep-children', environment, ...more);
}

async function run({ root, env }: SmallProject, ...args: readonly string[]): Promise<Ended> {
  return cli(args, { cwd: root, env });
}

async function file({ root }: SmallProject): Promise<string> {
  return readFile(join(root, 'drizzle/0002_rebuild.sql'), 'utf8');
}
