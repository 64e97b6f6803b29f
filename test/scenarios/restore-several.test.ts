import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultText } from '../../src/cli/text/result.ts';
import { styleFor } from '../../src/cli/output/style.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import { byHand, namesBy } from '../support/by-hand.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test('a backup of one of two databases is restored by the very command that the run ended with', async () => {
  using project = await twoDatabases();
  project.add('0002_more', ['ALTER TABLE teams ADD COLUMN colour text;']);
  const said = restoreLines(
    await carryOut(project, {
      kind: 'deploy',
      environment: 'local',
      selection: { ...selection, databases: ['app'] },
      consent,
    }),
  );
  expect(said).toEqual(['migrate-tui restore local b1']);
  await byHand(project, ['DELETE FROM teams']);
  expect(await restore(project, { backup: 'b1' })).toMatchObject({ kind: 'done' });
  expect(await namesBy(project, 'SELECT name FROM teams ORDER BY id')).toEqual(['red', 'blue']);
});

test('a backup of both asks for one by name, and the run ended with a command for each', async () => {
  using project = await twoDatabases();
  const said = restoreLines(
    await carryOut(project, {
      kind: 'reset',
      environment: 'local',
      databases: undefined,
      end: 'rebuilt',
      consent,
    }),
  );
  expect(said).toEqual([
    'migrate-tui restore local b1 --database app',
    'migrate-tui restore local b1 --database notes',
  ]);
  await expect(restore(project, { backup: 'b1' })).rejects.toMatchObject({
    message: 'b1 of local holds 2 databases; a restore names one. Nothing was changed.',
    next: 'migrate-tui restore local b1 --database app or --database notes',
  });
});

test('a database that the backup is not of is refused, with those that it is of', async () => {
  using project = await twoDatabases();
  await carryOut(project, { kind: 'backup', environment: 'local', databases: ['notes'], tables: undefined });
  await expect(restore(project, { backup: 'b1', database: 'app' })).rejects.toMatchObject({
    code: 'not-found',
    message: 'b1 of local has no copy of app; it is of notes. Nothing was changed.',
    next: 'migrate-tui backups local says which one has.',
  });
});

test('the command that a restore without consent asks for names the database, too', async () => {
  using project = await twoDatabases();
  await carryOut(project, { kind: 'backup', environment: 'local', databases: undefined, tables: undefined });
  const unasked = await restore(project, {
    backup: 'b1',
    database: 'app',
    consent: { ...consent, yes: 'not-given' },
  });
  expect(unasked).toMatchObject({ exitCode: 4, next: /restore local b1 --database app --yes$/ });
});

test('a set of both that is encrypted gives each back by itself', async () => {
  using project = await twoDatabases();
  writeFileSync(join(project.root, '.env'), `KEY=${randomBytes(32).toString('base64')}\n`);
  project.configure({ backups: { key: 'env:KEY' } });
  await carryOut(project, { kind: 'backup', environment: 'local', databases: undefined, tables: undefined });
  await byHand(project, ['DELETE FROM teams']);
  expect(await restore(project, { backup: 'b1', database: 'notes' })).toMatchObject({ kind: 'done' });
  expect(await namesBy(project, 'SELECT name FROM teams')).toEqual([]);
  expect(await restore(project, { backup: 'b1', database: 'app' })).toMatchObject({ kind: 'done' });
  expect(await namesBy(project, 'SELECT name FROM teams ORDER BY id')).toEqual(['red', 'blue']);
});

/** Both at the head; the second runs the migrations of the first, as what it holds does not matter here. */
async function twoDatabases(): Promise<SmallProject> {
  const project = smallProject();
  project.configure({ databases: { app: { migrations: 'drizzle' }, notes: { migrations: 'drizzle' } } });
  project.configureEnvironment('local', { targets: { app: 'file:local.db', notes: 'file:notes.db' } });
  for (const environment of ['staging', 'production']) {
    project.configureEnvironment(environment, {
      targets: { app: `file:${environment}.db`, notes: `file:${environment}-notes.db` },
    });
  }
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  return project;
}

async function restore(
  project: SmallProject,
  { backup, database, ...more }: { backup: string; database?: string; consent?: typeof consent },
) {
  return (
    await carryOut(project, {
      kind: 'restore',
      environment: 'local',
      backup,
      database,
      tables: undefined,
      consent,
      ...more,
    })
  ).at(-1);
}

const style = styleFor({ stream: {}, env: {}, colour: 'never', ascii: 'as-fits' });

function restoreLines(events: readonly RunEvent[]): readonly string[] {
  const end = events.at(-1);
  if (end?.kind !== 'done') throw new Error(JSON.stringify(end));
  return resultText(end, events, style)
    .filter((line) => line.includes('migrate-tui restore'))
    .map((line) => line.slice(line.indexOf('migrate-tui restore')));
}
