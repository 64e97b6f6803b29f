import { createClient } from '@libsql/client';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { queryOf } from '../contracts/bookkeeping.ts';
import { done, numberedProject, recordsIn, statesIn } from '../support/numbered-project.ts';
import { runNumbered } from '../support/numbered-runner.ts';
import { nameOf, startProgram } from '../support/program.ts';

const timeout = 120_000;

test(
  'two databases share a folder of numbered files: one run, one set of backups, and a runner of their own goes on',
  { timeout },
  async () => {
    await using project = await numberedProject();
    expect(await done(project, 'deploy local --yes')).toMatchObject({
      kind: 'done',
      message:
        'local is at 0003_add_vector_status (app), 0002_api_keys (auth): 3 migrations applied and verified.',
      applied: [
        { database: 'app', tag: '0001_read_replica_schema' },
        { database: 'app', tag: '0003_add_vector_status' },
        { database: 'auth', tag: '0002_api_keys' },
      ],
    });
    expect(recordsIn(project, 'auth.db')).toEqual([[2, '0002_api_keys']]);
    await project.write({ 'migrations/0004_rooms_table.sql': 'CREATE TABLE rooms (id TEXT);\n' });
    const client = createClient({ url: `file:${join(project.root, 'app.db')}` });
    // It takes the whole folder: what is not its own is marked beforehand, as with `only`.
    await client.execute("INSERT INTO _migrations VALUES (2, 'x', 1), (4, 'x', 1)");
    expect(
      await runNumbered(queryOf(client), join(project.root, 'migrations'), { table: '_migrations' }),
    ).toEqual([]);
    client.close();
    project.sql('app.db', 'DELETE FROM _migrations WHERE version IN (2, 4)');
    await project.write({
      'migrations/0006_add_task_user_id.sql': 'ALTER TABLE tasks ADD COLUMN user_id TEXT;\n',
    });
    // A number is a threshold over both.
    expect(await done(project, 'deploy local --to 4 --yes')).toMatchObject({
      message: 'local is at 0004_rooms_table: 1 migration applied and verified.',
      applied: [{ database: 'auth', tag: '0004_rooms_table' }],
    });
    const after = await done(project, 'deploy local --yes');
    expect(after).toMatchObject({
      applied: [{ tag: '0006_add_task_user_id' }],
      backup: 'b2',
    });
    expect(await done(project, 'deploy local --yes')).toMatchObject({
      message: 'Nothing to deploy: local is at 0006_add_task_user_id (app), 0004_rooms_table (auth).',
    });
    await done(project, 'verify local');
    const drift = JSON.parse((await project.ours('drift local --check')).stdout);
    expect(drift).toMatchObject({ equal: true });
  },
);

test(
  'a file whose number is below the highest that ran is skipped, said so, and run only out of order',
  { timeout },
  async () => {
    await using project = await numberedProject();
    await project.remove('migrations/0001_read_replica_schema.sql');
    await project.write({ 'migrations/0003_add_vector_status.sql': 'CREATE TABLE vectors (id TEXT);' });
    await done(project, 'deploy local --yes');
    await project.write({ 'migrations/1_tasks.sql': 'CREATE TABLE tasks (id TEXT);' });
    expect((await statesIn(project, 'local'))[0]).toEqual({
      items: ['1_tasks skipped', '0003_add_vector_status applied'],
      says: [
        '1 migration would never run in order: its number lies below the highest applied one. migrate-tui deploy local --out-of-order runs it.',
      ],
    });
    expect(await done(project, 'deploy local --yes')).toMatchObject({ applied: [] });
    const { stdout } = await project.ours('recover local');
    expect(JSON.parse(stdout).cases).toMatchObject([
      {
        situation: 'skipped',
        verdict: 'skipped, and a deploy does not run it',
        evidence: ['The highest number that is recorded is 3 (0003_add_vector_status).'],
        options: [{ id: 'run-skipped' }],
      },
    ]);
    expect(await done(project, 'deploy local --out-of-order --yes')).toMatchObject({
      message: 'local is at 0003_add_vector_status: 1 migration applied and verified.',
      applied: [{ tag: '1_tasks' }],
    });
    expect(recordsIn(project, 'app.db')).toEqual([
      [1, '1_tasks'],
      [3, '0003_add_vector_status'],
    ]);
  },
);

test(
  'a deploy that is killed inside a migration leaves nothing of it, and the next one completes',
  { timeout },
  async () => {
    await using project = await numberedProject();
    await done(project, 'deploy local --yes');
    const rows =
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n';
    await project.write({
      'migrations/0005_long.sql': `CREATE TABLE long (n);\nINSERT INTO long ${rows};\nINSERT INTO long ${rows};\n`,
    });
    {
      await using running = await startProgram(['deploy', 'local', '--yes', '--json'], {
        cwd: project.root,
        env: project.env,
      });
      await running.line((line) => nameOf(line) === 'step-started migrate');
      running.signal('SIGKILL');
      expect((await running.ended).signal).toBe('SIGKILL');
    }
    expect(recordsIn(project, 'app.db').map(([version]) => version)).toEqual([1, 3]);
    expect(await done(project, 'deploy local --yes')).toMatchObject({ applied: [{ tag: '0005_long' }] });
  },
);
