import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/package-root.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';

describe('a local D1 that does not exist yet', { timeout: 120_000 }, () => {
  test('is rehearsed in the workerd of the project, and not made by it', async () => {
    await using project = await shop({ workerd: 'installed' });
    const { says, exitCode, stdout } = await rehearsedBy(project, 'dry-run', 'local');
    expect(exitCode, stdout).toBe(0);
    expect(says).toContain('the same in workerd');
    expect(existsSync(join(project.root, '.wrangler'))).toBe(false);
  });

  test('is made by the first deploy after that rehearsal, and wrangler has nothing to apply', async () => {
    await using project = await shop({ workerd: 'installed' });
    const { says, exitCode, stdout } = await rehearsedBy(project, 'deploy', 'local', '--yes');
    expect(exitCode, stdout).toBe(0);
    expect(says).toContain('the same in workerd');
    expect(await project.wrangler('migrations', 'list', 'shop', '--local')).toContain(
      'No migrations to apply!',
    );
  });

  test('is rehearsed by the rules of D1 alone where the project has no workerd, and the dry-run says so', async () => {
    await using project = await shop({ workerd: 'missing' });
    const { says, exitCode, stdout } = await rehearsedBy(project, 'deploy', 'local', '--yes');
    expect(exitCode, stdout).toBe(0);
    expect(says).toContain('without workerd');
  });
});

async function shop({ workerd }: { readonly workerd: 'installed' | 'missing' }): Promise<D1Project> {
  const project = await d1Project({
    'package.json': '{}',
    'wrangler.json': JSON.stringify({
      name: 'shop',
      d1_databases: [{ binding: 'DB', database_name: 'shop', database_id: 'shop-id' }],
    }),
    'migrations/0001_users.sql':
      "CREATE TABLE users (id integer PRIMARY KEY, name text);\nINSERT INTO users (name) VALUES ('ada');\n",
    'migrations/0002_posts.sql':
      'CREATE TABLE posts (id integer PRIMARY KEY, author integer REFERENCES users(id));\nINSERT INTO posts (author) SELECT id FROM users;\n',
  });
  if (workerd === 'installed') {
    await symlink(join(packageRoot(), 'node_modules'), join(project.root, 'node_modules'));
  }
  return project;
}

/** What the rehearsal of a command said at its end. */
async function rehearsedBy(project: D1Project, ...args: readonly string[]) {
  const { lines, exitCode, stdout } = await project.ours(...args);
  const end = lines.find(({ kind, step }) => kind === 'step-finished' && step === 'dry-run');
  return { says: String(end?.['says']), exitCode, stdout };
}
