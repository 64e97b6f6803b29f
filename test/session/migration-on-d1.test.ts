import { expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';

test('what a migration does is said of the engine on which the project runs it', async () => {
  await using project = await d1Project({
    'package.json': '{ "private": true }',
    'wrangler.json': JSON.stringify({
      name: 'shop',
      d1_databases: [{ binding: 'DB', database_name: 'shop', migrations_dir: 'migrations' }],
    }),
    'migrations/0001_users.sql':
      'CREATE TABLE users (id integer PRIMARY KEY, name text);\nCREATE TABLE posts (id integer PRIMARY KEY, author integer REFERENCES users(id) ON DELETE CASCADE);\n',
    'migrations/0002_rebuild.sql':
      'PRAGMA foreign_keys=OFF;\nCREATE TABLE __new_users (id integer PRIMARY KEY, name text NOT NULL);\nINSERT INTO __new_users SELECT id, name FROM users;\nDROP TABLE users;\nALTER TABLE __new_users RENAME TO users;\n',
  });
  const { findings } = await findingsOf(project);
  expect(findings).toMatchObject([
    { statement: 1, severity: 'info', rule: 'foreign-key-pragmas' },
    { statement: 4, severity: 'error', rule: 'rebuild-cascades' },
  ]);
  expect(JSON.stringify(findings)).not.toContain('foreign keys are off meanwhile');

  await project.write({
    'migrate-tui.config.json': JSON.stringify({
      databases: { app: { migrations: 'migrations', bookkeeping: 'd1' } },
      environments: { local: { targets: { app: 'file:local.db' } } },
    }),
  });
  const onFile = await findingsOf(project);
  expect(onFile.findings.map(({ severity }) => severity)).not.toContain('error');
}, 60_000);

async function findingsOf(
  project: Awaited<ReturnType<typeof d1Project>>,
): Promise<{ readonly findings: readonly { readonly severity: string }[] }> {
  const { stdout, stderr } = await project.ours('migration', '0002');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}
