import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { byHand, namesBy } from '../support/by-hand.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test('local is emptied in place and built anew; what was there is in a backup', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  await byHand(project, ['CREATE TABLE mess (id integer)', "INSERT INTO teams VALUES (9, 'mine')"]);
  const open = createClient({ url: `file:${join(project.root, 'local.db')}` });
  await open.execute('SELECT count(*) FROM teams');
  const event = await reset(project);
  expect(event).toMatchObject({ kind: 'done', exitCode: 0, backup: 'b1' });
  expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 2 });
  const { rows } = await open.execute('SELECT name FROM teams ORDER BY id');
  open.close();
  expect(rows.map(({ name }) => name)).toEqual(['red', 'blue']);
  expect(await namesBy(project, "SELECT name FROM sqlite_schema WHERE name = 'mess'")).toEqual([]);
  await carryOut(project, {
    kind: 'restore',
    environment: 'local',
    backup: 'b1',
    database: undefined,
    tables: undefined,
    consent,
  });
  expect(await namesBy(project, 'SELECT name FROM teams ORDER BY id')).toEqual(['red', 'blue', 'mine']);
});

test('a database that is not there yet is made', async () => {
  using project = smallProject();
  expect(await reset(project)).toMatchObject({ kind: 'done' });
  expect((await statusIn(project, 'local')).applied).toBe(2);
});

test('with --empty nothing but the lock is left', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  expect(await reset(project, { end: 'empty' })).toMatchObject({ message: 'local is empty.' });
  expect(
    await namesBy(
      project,
      "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND type = 'table'",
    ),
  ).toEqual(['__migrate_tui_lease']);
});

test('the seed of the configuration runs at the end, and one that fails is said with what is there', async () => {
  using project = smallProject();
  project.configure({ seed: { local: 'node -e "process.exit(0)"' } });
  expect(await reset(project)).toMatchObject({
    kind: 'done',
    message: 'local is built anew: 2 migrations applied and verified, and seeded.',
  });
  project.configure({ seed: 'node -e "console.log(42); process.exit(3)"' });
  const failed = await reset(project);
  expect(failed).toMatchObject({ kind: 'failed', exitCode: 5 });
  expect(failed.message).toBe(
    'app was emptied, and then: The hook seed ended with 3: node -e "console.log(42); process.exit(3)". Its last line: 42.',
  );
  expect((await statusIn(project, 'local')).applied).toBe(2);
});

test('nothing is emptied without consent, and a protected environment never', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  const unasked = await reset(project, { consent: { ...consent, yes: 'not-given' } });
  expect(unasked).toMatchObject({ exitCode: 4, next: /migrate-tui reset local --yes$/ });
  expect(unasked.message).toContain('app has 2 tables with 4 rows');
  expect(unasked).toMatchObject({ notBegun: [] });
  const everything = { ...consent, confirm: { environment: 'production', hash: undefined } };
  await carryOut(project, { kind: 'deploy', environment: 'production', selection, consent: everything });
  const before = await reset(project, { environment: 'production', consent: everything });
  expect(before).toMatchObject({
    next: expect.stringMatching(/^migrate-tui backups production lists what it can be taken back to; /),
  });
  await carryOut(project, {
    kind: 'backup',
    environment: 'production',
    databases: undefined,
    tables: undefined,
  });
  const refused = await reset(project, { environment: 'production', consent: everything });
  expect(refused).toMatchObject({
    exitCode: 4,
    code: 'protected',
    next: expect.stringMatching(/^migrate-tui restore production b1 takes it back to its newest backup; /),
  });
  expect((await statusIn(project, 'production')).applied).toBe(2);
  expect((await statusIn(project, 'local')).applied).toBe(2);
});

type ResetChange = Extract<Change, { kind: 'reset' }>;

async function reset(project: SmallProject, more: Partial<ResetChange> = {}) {
  const change = { environment: 'local', databases: undefined, end: 'rebuilt', consent, ...more } as const;
  const event = (await carryOut(project, { kind: 'reset', ...change })).at(-1);
  if (event?.kind !== 'done' && event?.kind !== 'failed') throw new Error('It did not end.');
  return event;
}
