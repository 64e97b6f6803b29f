import { afterAll, beforeAll, expect, test } from 'vitest';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';

let server: D1Server;
let project: D1Project;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
  project = await d1Project(
    {
      'package.json': '{ "private": true }',
      'wrangler.json': JSON.stringify({
        name: 'shop',
        d1_databases: [
          {
            binding: 'DB',
            database_name: 'shop',
            database_id: server.database('shop').uuid,
            migrations_dir: 'migrations',
          },
        ],
      }),
      'migrations/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY);\n',
    },
    { server },
  );
}, 120_000);
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('a backup that Cloudflare keeps is never called read back, restored or proven', async () => {
  await project.ours('deploy', 'remote', '--yes');
  await project.write({ 'migrations/0002_names.sql': 'ALTER TABLE users ADD name text;\n' });
  const { lines, exitCode } = await project.ours('deploy', 'remote', '--yes');
  expect(exitCode).toBe(0);
  const [backup, dryRun] = lines.filter(({ kind }) => kind === 'step-finished');
  expect(backup).toMatchObject({ step: 'backup', keptBy: 'server' });
  expect(dryRun).toMatchObject({ step: 'dry-run', evidence: { backup: 'b2', rows: 'copy' } });
  expect(dryRun?.['says']).not.toContain('restored');

  const { last } = await project.ours('backup', 'remote');
  expect(last?.['message']).toBe("Backup b3 of remote is taken: its place in the server's own history.");
  expect(await backupsOf('remote')).toMatchObject([
    { id: 'b3', proof: 'kept-by-server', databases: [{ tags: ['0001_users', '0002_names'] }] },
    { id: 'b2', proof: 'kept-by-server', databases: [{ tags: ['0001_users'] }] },
    { id: 'b1', proof: 'kept-by-server', databases: [{ tags: [] }] },
  ]);
}, 60_000);

test('a backup of the local D1 is a copy, which the dry-run restores', async () => {
  await project.ours('deploy', 'local', '--yes');
  await project.write({ 'migrations/0003_more.sql': 'CREATE TABLE more (id integer PRIMARY KEY);\n' });
  const { lines } = await project.ours('deploy', 'local', '--yes');
  const [backup, dryRun] = lines.filter(({ kind }) => kind === 'step-finished');
  expect(backup?.['says']).toContain('checksum read back');
  expect(backup).not.toHaveProperty('keptBy');
  expect(dryRun).toMatchObject({
    says: expect.stringMatching(/^b\d+ restored, /),
    evidence: { rows: 'backup' },
  });
  expect(await backupsOf('local')).toMatchObject([{ proof: 'proven' }]);
}, 60_000);

async function backupsOf(environment: string): Promise<readonly unknown[]> {
  const { stdout } = await project.ours('backups', environment);
  return JSON.parse(stdout).backups;
}
