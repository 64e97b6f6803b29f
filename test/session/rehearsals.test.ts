import { expect, test } from 'vitest';
import type { Consent } from '../../src/operations/change.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { smallProject } from '../support/small-project.ts';

test('a rehearsal on the structure alone says that nothing is proven about rows', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  project.configureEnvironment('local', { rehearse: 'structure' });
  // On rows this fails, since two teams share a letter; on the structure it does not.
  project.add('0002_letters', [
    "ALTER TABLE teams ADD letter text NOT NULL DEFAULT 'x';",
    'CREATE UNIQUE INDEX teams_letter ON teams (letter);',
  ]);
  const events = await carryOut(project, { kind: 'dry-run', environment: 'local', selection });
  const rehearsed = events.find((event) => event.kind === 'step-finished' && event.step === 'dry-run');
  expect(rehearsed).toMatchObject({
    says: expect.stringContaining('nothing is proven about rows'),
    evidence: { rehearsal: 'structure' },
  });
  project.configureEnvironment('local', { rehearse: 'full' });
  const onRows = await carryOut(project, { kind: 'dry-run', environment: 'local', selection });
  expect(onRows.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'rehearsal-failed' });
});

test('where backups are taken elsewhere the rehearsal still runs on the rows', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  project.configureEnvironment('local', { backup: 'external' });
  project.add('0002_fewer', ['DELETE FROM members WHERE team_id = 1;']);
  const events = await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  expect(events.at(-1)).toMatchObject({ kind: 'done', exitCode: 0 });
  expect(events.find((event) => event.kind === 'step-finished' && event.step === 'backup')).toMatchObject({
    says: expect.stringContaining('taken elsewhere'),
  });
  const rehearsed = events.find((event) => event.kind === 'step-finished' && event.step === 'dry-run');
  expect(rehearsed).toMatchObject({
    evidence: { tables: [{ table: 'members', rowsBefore: 2, rowsAfter: 1 }] },
  });
});

test('leaving out the dry-run alone still takes the backup', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
  const events = await carryOut(project, {
    kind: 'deploy',
    environment: 'local',
    selection,
    consent: {
      ...consent,
      without: ['dry-run'],
      confirm: { environment: 'local', hash: undefined },
      reason: 'fire',
    },
  });
  const finished = events.flatMap((event) => (event.kind === 'step-finished' ? [event.step] : []));
  expect(finished).toEqual(['backup', 'lock', 'migrate', 'verify']);
});

test('leaving out the backup and the dry-run needs a name and a reason, and is recorded', async () => {
  using project = smallProject();
  const without: Consent = { ...consent, without: ['backup', 'dry-run'] };
  const change = { kind: 'deploy', environment: 'local', selection } as const;
  expect((await carryOut(project, { ...change, consent: without })).at(-1)).toMatchObject({
    kind: 'failed',
    exitCode: 4,
    code: 'not-confirmed',
  });
  const named: Consent = { ...without, confirm: { environment: 'local', hash: undefined }, reason: 'fire' };
  const events = await carryOut(project, { ...change, consent: named });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  expect(events.some((event) => event.kind === 'step-started' && event.step === 'backup')).toBe(false);
  expect((await statusIn(project, 'local')).says).toContain(
    'Run 2 deployed without backup and dry-run: fire.',
  );
  project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
  await carryOut(project, { ...change, consent });
  expect((await statusIn(project, 'local')).says).not.toContain(
    'Run 2 deployed without backup and dry-run: fire.',
  );
});
