import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import { byHand } from '../support/by-hand.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const unagreed = { ...consent, yes: 'not-given' } as const;
const teams = 'CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL)';
const members =
  'CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams (id) ON DELETE CASCADE)';

describe('what a change would do is told as data before it is refused', () => {
  test('of a reset: what each database loses, what is built, and the steps', async () => {
    using project = smallProject();
    await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
    const account = accountIn(await reset(project));
    expect(account).toMatchObject({
      operation: 'reset',
      words: ['reset', 'local'],
      says: ['local would be emptied: app has 2 tables with 4 rows.'],
      databases: [{ database: 'app', loses: '2 tables with 4 rows', writes: '2 migrations' }],
      destroys: true,
      consent: { confirm: 'not-needed', accept: [] },
    });
    expect(account?.steps.map(({ step }) => step)).toEqual([
      'backup',
      'lock',
      'empty',
      'migrate',
      'migrate',
      'verify',
    ]);
  });

  test('of a database that is not there, a reset takes nothing away', async () => {
    using project = smallProject();
    const account = accountIn(await reset(project));
    expect(account).toMatchObject({ destroys: false });
    expect(account?.databases[0]?.loses).toBeUndefined();
    expect(account?.steps[0]?.step).toBe('lock');
  });

  test('of a mark: the record that is taken away, and that a protected environment is to be named', async () => {
    using project = smallProject();
    const confirmed = { ...consent, confirm: { environment: 'production', hash: undefined } };
    await carryOut(project, { kind: 'deploy', environment: 'production', selection, consent: confirmed });
    const events = await carryOut(project, {
      kind: 'mark',
      environment: 'production',
      database: undefined,
      tag: '0001',
      as: 'pending',
      consent,
    });
    expect(accountIn(events)).toMatchObject({
      words: ['mark', 'production', '0001_members', 'pending'],
      databases: [{ loses: '1 record' }],
      destroys: false,
      consent: { confirm: 'protected' },
    });
    expect(events.map(({ kind }) => kind)).toEqual(['review', 'failed']);
  });

  test('of a baseline: the place that fits, with the words that record it', async () => {
    using project = smallProject();
    await byHand(project, [teams, members]);
    expect(accountIn(await baseline(project, undefined))).toMatchObject({
      words: ['baseline', 'local', '--at', '0001_members'],
      databases: [{ writes: '2 records' }],
      steps: [{ step: 'backup' }, { step: 'lock' }, { step: 'baseline' }],
      consent: { accept: [] },
    });
  });

  test('of a baseline that fits two places: both, to be chosen from', async () => {
    using project = smallProject();
    project.add('0002_fill', ["UPDATE teams SET name = 'red';"]);
    await byHand(project, [teams, members]);
    const account = accountIn(await baseline(project, undefined));
    expect(account?.choices).toEqual([
      { name: '0001_members', fits: 'yes', says: [], words: ['baseline', 'local', '--at', '0001_members'] },
      { name: '0002_fill', fits: 'yes', says: [], words: ['baseline', 'local', '--at', '0002_fill'] },
    ]);
    expect(account?.steps).toEqual([]);
  });

  test('of a baseline that fits nowhere: the nearest places first, each with what differs', async () => {
    using project = smallProject();
    await byHand(project, [teams]);
    await byHand(project, ['CREATE TABLE mine (id integer)']);
    const told = accountIn(await baseline(project, undefined));
    const choices = told?.choices;
    expect(choices?.map(({ name, fits }) => [name, fits])).toEqual([
      ['0000_teams', 'no'],
      ['0001_members', 'no'],
    ]);
    expect(misfits('event', told)).toEqual([]);
    expect(choices?.[0]?.says).toEqual(['table mine is here and no file makes it']);
  });

  test('of a place that differs: what a person has to answer for, with the flag that does', async () => {
    using project = smallProject();
    await byHand(project, [teams]);
    expect(accountIn(await baseline(project, '0001'))?.consent.accept).toEqual([
      {
        flag: '--accept',
        value: 'schema-differs:0001_members',
        says: 'local is not what the migrations up to 0001_members make: table members is not here.',
        reason: 'needed',
      },
    ]);
  });

  test('of a restore: what came in since, that it overwrites, and its steps', async () => {
    using project = smallProject();
    await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
    await carryOut(project, {
      kind: 'backup',
      environment: 'local',
      databases: undefined,
      tables: undefined,
    });
    await byHand(project, ["INSERT INTO teams VALUES (9, 'mine')"]);
    const backup = 'b1';
    const restore = { kind: 'restore', environment: 'local', backup, database: undefined } as const;
    const told = accountIn(await carryOut(project, { ...restore, tables: undefined, consent: unagreed }));
    expect(told).toMatchObject({
      words: ['restore', 'local', 'b1'],
      says: ['A restore of b1 overwrites what local holds now.', expect.stringContaining('teams +1 row')],
      destroys: true,
    });
    expect(told?.steps.map(({ step }) => step)).toContain('restore');
  });

  test('what was agreed to is not told', async () => {
    using project = smallProject();
    const events = await carryOut(project, {
      kind: 'reset',
      environment: 'local',
      databases: undefined,
      end: 'rebuilt',
      consent,
    });
    expect(accountIn(events)).toBeUndefined();
  });
});

describe('a consent that names the hash of what was told', () => {
  const changes = {
    reset: { kind: 'reset', environment: 'local', databases: undefined, end: 'rebuilt' },
    mark: { kind: 'mark', environment: 'local', database: undefined, tag: '0001', as: 'pending' },
    restore: { kind: 'restore', environment: 'local', backup: 'b1', database: undefined, tables: undefined },
  } as const;

  async function told(project: SmallProject, name: keyof typeof changes) {
    await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
    await carryOut(project, {
      kind: 'backup',
      environment: 'local',
      databases: undefined,
      tables: undefined,
    });
    const change = changes[name];
    const account = accountIn(await carryOut(project, { ...change, consent: unagreed }));
    const confirm = { environment: 'local', hash: account?.hash };
    return () => carryOut(project, { ...change, consent: { ...consent, confirm } });
  }

  test.each(['reset', 'mark', 'restore'] as const)(
    'is to a %s as it was told, however many rows came in since',
    async (name) => {
      using project = smallProject();
      const agree = await told(project, name);
      await byHand(project, ["INSERT INTO teams VALUES (9, 'mine')"]);
      expect((await agree()).at(-1)).toMatchObject({ kind: 'done' });
    },
  );

  test.each([
    ['reset', 'a table was made', 'CREATE TABLE mine (id integer)'],
    ['restore', 'a table was made', 'CREATE TABLE mine (id integer)'],
    ['mark', 'somebody recorded a migration', "INSERT INTO __drizzle_migrations VALUES (3, 'abc', 9)"],
  ] as const)('is refused for a %s when %s meanwhile', async (name, _what, sql) => {
    using project = smallProject();
    const agree = await told(project, name);
    await byHand(project, [sql]);
    const events = await agree();
    expect(events.map(({ kind }) => kind)).toEqual(['review', 'failed']);
    expect(events.at(-1)).toMatchObject({
      code: 'target-changed',
      message: expect.stringMatching(/^local changed since this was agreed to: .* Nothing was changed\.$/),
    });
  });

  test('is refused when a file was edited meanwhile', async () => {
    using project = smallProject();
    const agree = await told(project, 'reset');
    appendFileSync(join(project.root, 'drizzle', '0001_members.sql'), '\n-- more');
    expect((await agree()).at(-1)).toMatchObject({ code: 'target-changed' });
  });
});

test('a baseline of what has its records has nothing to do', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  expect((await baseline(project, undefined)).at(-1)).toMatchObject({
    kind: 'done',
    message: 'Nothing to do: local has the records up to 0001_members already.',
  });
});

test('a baseline of an empty database says that nothing is to be recorded', async () => {
  using project = smallProject();
  await byHand(project, ['CREATE TABLE mess (id integer)', 'DROP TABLE mess']);
  expect((await baseline(project, undefined)).at(-1)).toMatchObject({
    kind: 'failed',
    message: /as before the first migration/,
    next: /migrate-tui deploy local/,
  });
});

function reset(project: SmallProject) {
  return carryOut(project, {
    kind: 'reset',
    environment: 'local',
    databases: undefined,
    end: 'rebuilt',
    consent: unagreed,
  });
}

function baseline(project: SmallProject, at: string | undefined) {
  return carryOut(project, {
    kind: 'baseline',
    environment: 'local',
    database: undefined,
    at,
    consent: unagreed,
  });
}

function accountIn(events: readonly RunEvent[]) {
  return events.find((event) => event.kind === 'review');
}
