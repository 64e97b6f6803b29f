import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Change, Consent } from '../../src/operations/change.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import { openSession } from '../../src/session.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const consent: Consent = {
  yes: 'given',
  confirm: undefined,
  acceptLoss: [],
  accept: [],
  without: [],
  reason: undefined,
};
const selection = { databases: undefined, to: undefined, only: undefined, order: 'in-order' } as const;

test('a rehearsal on the structure alone says that nothing is proven about rows', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  configure(project, { rehearse: 'structure' });
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
  configure(project, { rehearse: 'full' });
  const onRows = await carryOut(project, { kind: 'dry-run', environment: 'local', selection });
  expect(onRows.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'rehearsal-failed' });
});

test('where backups are taken elsewhere the rehearsal still runs on the rows', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  configure(project, { backup: 'external' });
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
  expect(await sayings(project)).toContain('Run 2 deployed without backup and dry-run: fire.');
  project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
  await carryOut(project, { ...change, consent });
  expect(await sayings(project)).not.toContain('Run 2 deployed without backup and dry-run: fire.');
});

async function sayings({ root, env }: SmallProject): Promise<readonly string[]> {
  await using session = await openSession({
    cwd: root,
    config: undefined,
    project: undefined,
    env: { ...process.env, ...env },
    showValues: 'hide',
  });
  const status = await session.ask({ kind: 'status', environments: ['local'], databases: undefined });
  return status.kind === 'status' ? (status.environments[0]?.targets[0]?.says ?? []) : [];
}

function configure({ root }: SmallProject, keys: Readonly<Record<string, unknown>>): void {
  const file = join(root, 'migrate-tui.config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const { backup, rehearse, ...local } = config.environments.local;
  void [backup, rehearse];
  config.environments.local = { ...local, ...keys };
  writeFileSync(file, JSON.stringify(config));
}

async function carryOut({ root, env }: SmallProject, change: Change): Promise<readonly RunEvent[]> {
  await using session = await openSession({
    cwd: root,
    config: undefined,
    project: undefined,
    env: { ...process.env, ...env },
    showValues: 'hide',
  });
  const run = await session.start(change, {
    signal: new AbortController().signal,
    decide: () => Promise.resolve({ kind: 'declined' }),
  });
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  await run.finished;
  return events;
}
