import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { runAgain } from '../../src/lib/errors.ts';
import { byHand } from '../support/by-hand.ts';
import { everyFile } from '../support/every-file.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { program, startProgram } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const command = ['resync', 'local', '--from', 'staging', '--yes', '--json'];

test.for([
  ['before the copy', 'step-started', 'copy', /was cut off (before it changed anything here|in the copy of)/],
  ['while rows stream', 'progress', 'copy', /was cut off (before it changed anything here|in the copy of)/],
  ['once it is copied', 'step-finished', 'copy', /was cut off after the copy of staging: that is here/],
  [
    'while a migration runs on top',
    'statement',
    'migrate',
    /was cut off after the copy of staging: that is here/,
  ],
] as const)(
  'kill -9 %s leaves local as it was or as it is to be, and no real value',
  async ([, kind, step, said]) => {
    using project = await manyPeople();
    {
      await using run = await startProgram(command, { cwd: project.root, env: project.env });
      await run.line((line) => line['kind'] === kind && line['step'] === step);
      run.signal('SIGKILL');
      await run.ended;
    }
    const names = await namesIn(project);
    expect([['mine'], ['red', 'blue']]).toContainEqual(names);
    if (kind === 'step-started' && step === 'copy') expect(names).toEqual(['mine']);
    await holdsNothingReal(project);
    const status = await program(['status', 'local'], { cwd: project.root, env: project.env });
    expect(status.stdout).toMatch(said);
    expect(status.stdout).toContain('The same resync does it anew.');
    const again = await program(command, { cwd: project.root, env: project.env });
    expect(again).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(await namesIn(project)).toEqual(['red', 'blue']);
    await holdsNothingReal(project);
    // What the dead run streamed is gone.
    const scratch = (await everyFile(join(project.root, '..', 'state'))).filter(({ path }) =>
      path.includes('scratch'),
    );
    expect(scratch.map(({ path }) => path)).toEqual([]);
  },
);

test.for(['delete', 'wal'])(
  'kill -9 while pages are written into a local in %s mode leaves its old rows',
  async (mode) => {
    using project = smallProject();
    await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
    const big = `CREATE TABLE big AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000)
      SELECT i, randomblob(1000) AS b FROM n`;
    await byHand(project, ['PRAGMA synchronous = OFF', big], 'staging');
    const mine = ['CREATE TABLE teams (id integer, name text)', "INSERT INTO teams VALUES (9, 'mine')"];
    await byHand(project, [`PRAGMA journal_mode = ${mode}`, ...mine]);
    {
      await using run = await startProgram(command, { cwd: project.root, env: project.env });
      const line = await run.line(
        ({ kind, step, unit }) => kind === 'progress' && step === 'copy' && unit === 'bytes',
      );
      expect(line).toMatchObject({ total: expect.any(Number) });
      run.signal('SIGKILL');
      await run.ended;
    }
    expect(await namesIn(project)).toEqual(['mine']);
    expect(await program(command, { cwd: project.root, env: project.env })).toMatchObject({ exitCode: 0 });
    expect(await namesIn(project)).toEqual(['red', 'blue']);
  },
);

test('ctrl-c while rows stream leaves local as it was', async () => {
  using project = await manyPeople();
  await using run = await startProgram(command, { cwd: project.root, env: project.env });
  await run.line((line) => line['kind'] === 'progress' && line['step'] === 'copy');
  run.signal('SIGINT');
  const { exitCode } = await run.ended;
  if (exitCode === 130)
    expect(run.lines.at(-1)).toMatchObject({ message: 'The copy of staging was stopped.', next: runAgain });
  // The signal may come when it is all there.
  expect([130, 5]).toContain(exitCode);
  expect(await namesIn(project)).toEqual(exitCode === 130 ? ['mine'] : ['red', 'blue']);
  await holdsNothingReal(project);
});

async function holdsNothingReal({ root }: SmallProject): Promise<void> {
  const found = await everyFile(join(root, '..'));
  const holding = found.filter(
    ({ path, bytes }) => !path.includes('staging.db') && bytes.includes('@real.example'),
  );
  expect(holding.map(({ path }) => path)).toEqual([]);
}

/** 200,000 people in staging, one team in local. */
async function manyPeople(): Promise<SmallProject> {
  const project = smallProject();
  project.configure({ masks: { '*.email': 'hash' } });
  project.add('0002_people', ['CREATE TABLE people (id integer PRIMARY KEY, email text)']);
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  project.add('0003_slow', [
    'CREATE TABLE slow AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) AS n FROM n',
  ]);
  const many = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO people SELECT i, 'person' || i || '@real.example' FROM n`;
  await byHand(project, [many], 'staging');
  await byHand(project, [
    'CREATE TABLE teams (id integer, name text)',
    "INSERT INTO teams VALUES (9, 'mine')",
  ]);
  return project;
}

async function namesIn({ root }: SmallProject): Promise<readonly unknown[]> {
  // The process that copies ends a moment after its parent.
  const client = createClient({ url: `file:${join(root, 'local.db')}`, timeout: 10_000 });
  const { rows } = await client.execute('SELECT name FROM teams ORDER BY id');
  client.close();
  return rows.map(({ name }) => name);
}
