import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { smallProject } from '../support/small-project.ts';

const deploy = (environment: string) => ({ kind: 'deploy', environment, selection, consent }) as const;

const confirmed = (environment: string) => ({
  ...deploy(environment),
  consent: { ...consent, confirm: { environment, hash: undefined } },
});

test('what the environment before does not have waits, and says so', async () => {
  using project = smallProject();
  project.configureEnvironment('staging', { after: 'local' });
  const events = await carryOut(project, deploy('staging'));
  expect(events.at(-1)).toMatchObject({ kind: 'done', applied: [] });
  expect(messageOf(events)).toContain('0000_teams');
  expect(messageOf(events)).toContain('not on local yet');
});

test('a migration may run once it has been long enough in the environment before', async () => {
  using project = smallProject();
  await carryOut(project, deploy('local'));
  project.configureEnvironment('staging', { after: 'local', soak: '24h' });
  expect(messageOf(await carryOut(project, deploy('staging')))).toMatch(
    /on local for .* of 24 h, may run from/,
  );
  project.configureEnvironment('staging', { after: 'local', soak: '0m' });
  expect((await carryOut(project, deploy('staging'))).at(-1)).toMatchObject({ kind: 'done' });
  expect((await statusIn(project, 'staging')).state).toEqual(['current']);
});

test('skipping an environment without `after` is a warning and no refusal', async () => {
  using project = smallProject();
  const events = await carryOut(project, deploy('staging'));
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  expect(noticesIn(events)).toContain(
    'local does not have 2 of these migrations yet; staging comes after it in the order of promotion.',
  );
});

test('where only additions are allowed, a unique index on rows that are there is an error on a protected environment', async () => {
  using project = smallProject();
  project.configureEnvironment('staging', { protected: true, policy: 'additive' });
  await carryOut(project, confirmed('staging'));
  project.add('0002_one_each', ['CREATE UNIQUE INDEX one_each ON members (team_id);']);
  const events = await carryOut(project, confirmed('staging'));
  expect(events.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, applied: [] });
  expect(messageOf(events)).toContain('Not an addition: a unique index refuses rows of members');
  expect((await statusIn(project, 'staging')).applied).toBe(2);
  project.configureEnvironment('staging', { protected: true, policy: undefined });
  expect((await carryOut(project, confirmed('staging'))).at(-1)).toMatchObject({ kind: 'done' });
});

test('an environment that is changed from a build machine alone can be rehearsed from anywhere', async () => {
  using project = smallProject();
  project.configureEnvironment('staging', { from: 'ci' });
  const here = { ...project, env: { ...project.env, CI: '' } };
  await expect(carryOut(here, deploy('staging'))).rejects.toMatchObject({
    code: 'protected',
    message: expect.stringContaining('staging is changed from a build machine alone'),
  });
  expect((await carryOut(here, { ...deploy('staging'), kind: 'dry-run' })).at(-1)).toMatchObject({
    kind: 'done',
  });
  expect((await statusIn(project, 'staging')).applied).toBe(0);
  const there = { ...project, env: { ...project.env, CI: 'true' } };
  expect((await carryOut(there, deploy('staging'))).at(-1)).toMatchObject({ kind: 'done' });
});

test('a step is left out only by name and with a reason, and the command that would do it leaves out no other', async () => {
  using project = smallProject();
  const without = (...steps: readonly ('backup' | 'dry-run')[]) => ({
    ...deploy('staging'),
    consent: { ...consent, without: steps },
  });
  expect((await carryOut(project, without('dry-run'))).at(-1)).toMatchObject({
    exitCode: 4,
    code: 'not-confirmed',
    next: "migrate-tui deploy staging --yes --without dry-run --confirm staging --reason '…'",
  });
  expect((await carryOut(project, without('backup'))).at(-1)).toMatchObject({
    exitCode: 4,
    code: 'refused',
    next: expect.stringContaining('--without backup --without dry-run'),
  });
  expect((await statusIn(project, 'staging')).applied).toBe(0);
});

test('hooks run around the steps, with the environment in their variables', async () => {
  using project = smallProject();
  const log = join(project.root, 'hooks.log');
  const line = `echo "$MIGRATE_TUI_HOOK $MIGRATE_TUI_ENVIRONMENT" >> ${log}`;
  project.configure({
    hooks: {
      beforeBackup: line,
      afterDryRun: line,
      beforeApply: { local: line },
      afterVerify: { staging: 'false' },
    },
  });
  const events = await carryOut(project, deploy('local'));
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  const hooks = events.flatMap((event) =>
    event.kind === 'step-finished' && event.step === 'hook' ? [event.says] : [],
  );
  expect(hooks).toEqual([
    'beforeBackup ended with 0',
    'afterDryRun ended with 0',
    'beforeApply ended with 0',
  ]);
});

test('a hook that fails before anything was written refuses the deploy', async () => {
  using project = smallProject();
  project.configure({ hooks: { beforeApply: 'echo not today; exit 3' } });
  const events = await carryOut(project, deploy('local'));
  expect(events.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, applied: [] });
  expect(messageOf(events)).toContain('The hook beforeApply ended with 3');
  expect(messageOf(events)).toContain('not today');
  expect((await statusIn(project, 'local')).applied).toBe(0);
});

test('a hook that fails after the apply leaves what was applied, and says that the run did not finish', async () => {
  using project = smallProject();
  project.configure({ hooks: { afterVerify: 'exit 1' } });
  const events = await carryOut(project, deploy('local'));
  expect(events.at(-1)).toMatchObject({ kind: 'failed', exitCode: 5, code: 'stopped-part-way' });
  expect(messageOf(events)).toContain('It said nothing.');
  expect((await statusIn(project, 'local')).applied).toBe(2);
});

test('a verify query that returns a row stops the deploy in the dry-run', async () => {
  using project = smallProject();
  writeFileSync(
    join(project.root, 'drizzle', '0001_members.verify.sql'),
    'SELECT 1 FROM members WHERE team_id = 1;',
  );
  const events = await carryOut(project, deploy('local'));
  expect(events.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'rehearsal-failed' });
  expect(messageOf(events)).toContain('0001_members.verify.sql returned 1 row; it must return none');
});

test('a verify query that writes is refused', async () => {
  using project = smallProject();
  writeFileSync(join(project.root, 'drizzle', '0001_members.verify.sql'), 'DELETE FROM members;');
  const events = await carryOut(project, deploy('local'));
  expect(events.at(-1)).toMatchObject({ kind: 'failed', exitCode: 2 });
  expect((await statusIn(project, 'local')).applied).toBe(0);
});

test('an invariant must hold, or stay within its bound', async () => {
  using project = smallProject();
  await carryOut(project, deploy('local'));
  project.add('0002_one_more', ["INSERT INTO teams (name) VALUES ('green');"]);
  const sql = 'SELECT count(*) FROM teams';
  project.configureEnvironment('local', { invariants: { teams: { sql } } });
  const refused = await carryOut(project, deploy('local'));
  expect(refused.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4 });
  expect(messageOf(refused)).toContain('the invariant teams has another answer than before');
  project.configureEnvironment('local', { invariants: { teams: { sql, within: 1 } } });
  expect((await carryOut(project, deploy('local'))).at(-1)).toMatchObject({ kind: 'done' });
});

test('a read-only environment is looked at, backed up and rehearsed, and not written', async () => {
  using project = smallProject();
  await carryOut(project, deploy('local'));
  project.configureEnvironment('local', { readOnly: true });
  project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
  await expect(carryOut(project, deploy('local'))).rejects.toMatchObject({ code: 'protected' });
  const rehearsal = await carryOut(project, { kind: 'dry-run', environment: 'local', selection });
  expect(rehearsal.at(-1)).toMatchObject({ kind: 'done' });
});

test('a protected environment deployed from a build machine says what is thrown away with it', async () => {
  using project = smallProject();
  const production = {
    ...deploy('production'),
    consent: { ...consent, confirm: { environment: 'production', hash: undefined } },
  };
  const onBuildMachine = { ...project, env: { ...project.env, CI: 'true' } };
  const warned = await carryOut(onBuildMachine, production);
  expect(warned.at(-1)).toMatchObject({ kind: 'done' });
  expect(noticesIn(warned).join(' ')).toContain(
    'the record of this run (ledger) and its backup (backups.to)',
  );
  project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
  project.configure({ ledger: 'file:shared.db', backups: { to: 'kept' } });
  expect(noticesIn(await carryOut(onBuildMachine, production)).join(' ')).not.toContain('build machine');
});

function messageOf(events: readonly RunEvent[]): string {
  const last = events.at(-1);
  return last?.kind === 'done' || last?.kind === 'failed' ? last.message : '';
}

function noticesIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
}

test('a deploy with nothing to apply verifies and frees what a run that died after its last migration left', async () => {
  using project = smallProject();
  await carryOut(project, deploy('local'));
  await leaveLock(join(project.root, 'local.db'));
  expect((await statusIn(project, 'local')).says.join(' ')).toContain('was cut off at 0001_members');
  const events = await carryOut(project, deploy('local'));
  const steps = events.flatMap((event) => (event.kind === 'step-finished' ? [event.step] : []));
  expect(steps).toEqual(['lock', 'verify']);
  expect((await statusIn(project, 'local')).lock).toBeUndefined();
});

/** The row that a killed run leaves: its lease has run out. */
async function leaveLock(path: string): Promise<void> {
  await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 1000 });
  const sql =
    "UPDATE __migrate_tui_lease SET run = '9.1.elsewhere.0', held_by = 'ana', host = 'ci-7', tag = '0001_members', expires_at = 1";
  await engine.unit({ foreignKeys: 'on', statements: [{ sql, role: 'guard' }] });
}

test('an error finding that --yes accepts is said before the migration runs', async () => {
  using project = smallProject();
  await carryOut(project, deploy('local'));
  project.add('0002_empty', ['DELETE FROM members;']);
  const events = await carryOut(project, deploy('local'));
  const said = noticesIn(events).join(' ');
  expect(said).toContain('0002_empty, statement 1:');
  expect(said).toContain('(deletes-all-rows)');
});

test('rows that one migration puts in and a later one takes along are a loss in the dry-run already', async () => {
  using project = smallProject();
  project.add('0002_no_teams', ['DELETE FROM teams;']);
  const events = await carryOut(project, deploy('local'));
  expect(events.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'rows-lost', applied: [] });
  expect(messageOf(events)).toContain('members loses 2 rows');
  const accepted = { ...consent, acceptLoss: [{ table: 'members', rows: 2 }] };
  const done = await carryOut(project, { ...deploy('local'), consent: accepted });
  expect(done.at(-1)).toMatchObject({ kind: 'done' });
});
