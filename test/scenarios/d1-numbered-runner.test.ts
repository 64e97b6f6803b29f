import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';
import { misfits } from '../support/schemas.ts';
import { localFile } from '../support/wrangler.ts';

test(
  'what a runner of numbered files applied is not run a second time, and recorded for wrangler by reconcile',
  { timeout: 120_000 },
  async () => {
    await using project = await d1Project(
      {
        'wrangler.json': JSON.stringify({
          name: 'w',
          d1_databases: [{ binding: 'DB', database_id: 'the-id' }],
        }),
        'migrations/0001_users.sql': 'CREATE TABLE IF NOT EXISTS users (id text);',
        'migrations/0002_first.sql': "INSERT INTO users VALUES ('first');",
      },
      { env: {} },
    );
    // The runner's own way: the file, then its number.
    await project.wrangler('execute', 'DB', '--local', '--command', appliedByRunner);
    const status = JSON.parse((await project.ours('status', 'local')).stdout);
    expect(status.environments[0].targets[0].says.at(-1)).toBe(
      'migrate-tui recover local shows the way out.',
    );
    for (const command of ['deploy', 'apply']) {
      const { exitCode, last } = await project.ours(command, 'local', '--yes');
      expect({ exitCode, last }).toMatchObject({
        exitCode: 4,
        last: { code: 'refused', next: expect.stringContaining('recover local --choose reconcile') },
      });
    }
    const asked = await project.ours('recover', 'local');
    expect(misfits('recovery', JSON.parse(asked.stdout))).toEqual([]);
    expect(JSON.parse(asked.stdout).cases).toMatchObject([
      {
        situation: 'recorded-by-number-only',
        verdict: 'recorded in _migrations only: 2 migrations',
        options: [{ id: 'reconcile', recommended: true, allowed: true }],
      },
    ]);
    const done = await project.ours('recover', 'local', '--choose', 'reconcile', '--yes');
    expect(done.exitCode, done.stdout).toBe(0);
    const again = await project.ours('deploy', 'local', '--yes');
    expect(again.last, again.stdout).toMatchObject({ kind: 'done', applied: [] });
    const client = createClient({ url: `file:${localFile(project.root, 'the-id')}` });
    const { rows } = await client.execute('SELECT id FROM users');
    client.close();
    expect(rows).toHaveLength(1);
  },
);

const appliedByRunner = `CREATE TABLE users (id text); INSERT INTO users VALUES ('first');
CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO _migrations VALUES (1, '0001_users', 1700000000), (2, '0002_first', 1700000001);`;
