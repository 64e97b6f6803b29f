import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MigrateError } from '../../src/lib/errors.ts';
import type { DriftBase } from '../../src/operations/questions.ts';
import type { DriftReport, DriftTableReport, SchemaReport } from '../../src/operations/reports.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { byHand } from '../support/by-hand.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test('what somebody changed by hand is named object by object, with a guess at the cause', async () => {
  using project = await deployed();
  await byHand(project, [
    'ALTER TABLE teams ADD COLUMN nickname text',
    'CREATE TABLE scratch (id integer PRIMARY KEY)',
    'CREATE INDEX members_team_idx ON members (team_id)',
  ]);
  const report = await drift(project, 'local');
  expect(report.equal).toBe(false);
  expect(report.left).toBe('the migrations of local');
  expect(report.objects.map(({ type, name, change }) => `${change} ${type} ${name}`)).toEqual([
    'added table scratch',
    'changed table teams',
    'added index members_team_idx',
  ]);
  expect(report.objects.map(({ cause }) => cause)).toEqual(
    Array<string>(3).fill('in no migration: set by hand, by the application, or by drizzle-kit push'),
  );
  expect(report.objects[1]?.right).toContain('nickname TEXT');
  expect((await statusIn(project, 'local')).state).toContain('drifted');
});

test('a table that a migration without a record makes is not said to be in no migration', async () => {
  using project = await deployed();
  project.add('0002_notes', [
    'CREATE TABLE IF NOT EXISTS notes (id integer PRIMARY KEY);',
    'ALTER TABLE teams ADD COLUMN motto text;',
  ]);
  await byHand(project, [
    'CREATE TABLE notes (id integer PRIMARY KEY)',
    'CREATE INDEX teams_name_idx ON teams (name)',
    'ALTER TABLE members ADD COLUMN nickname text',
  ]);
  const byName = new Map((await drift(project, 'local')).objects.map(({ name, cause }) => [name, cause]));
  expect(byName.get('notes')).toBe(
    '0002_notes makes it and has no record in local: it ran without one, or somebody else made it',
  );
  // What the migration would still do to a table explains nothing that is there now.
  for (const name of ['teams_name_idx', 'members'])
    expect(byName.get(name)).toMatch(/^in no migration: set by hand/);
});

test('the same schema in other words is no drift', async () => {
  using project = await deployed();
  await byHand(project, [
    'PRAGMA foreign_keys = OFF',
    'CREATE TABLE "other" ("name" TEXT not null , "id" INTEGER, primary key ("id"))',
    'INSERT INTO other (id, name) SELECT id, name FROM teams',
    'DROP TABLE teams',
    'ALTER TABLE other RENAME TO teams',
  ]);
  expect((await drift(project, 'local')).objects).toEqual([]);
});

test('two environments: a migration that only one of them has is the likely cause', async () => {
  using project = await deployed();
  project.add('0002_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  const report = await drift(project, 'staging', { kind: 'environment', name: 'local' });
  expect(report.objects).toMatchObject([
    {
      database: 'app',
      type: 'table',
      name: 'notes',
      change: 'added',
      cause: '0002_notes is applied in staging and not in local',
    },
  ]);
});

test('what may take another environment’s data is offered it, what is protected is not', async () => {
  using project = await deployed();
  await byHand(project, ['CREATE TABLE scratch (id integer PRIMARY KEY)']);
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  const beside = await drift(project, 'local', { kind: 'environment', name: 'staging' });
  expect(beside.resync).toBe('migrate-tui resync local --from staging');
  project.configureEnvironment('local', { protected: true });
  const kept = await drift(project, 'local', { kind: 'environment', name: 'staging' });
  expect([kept.objects.length, kept.resync]).toEqual([1, undefined]);
});

test('the table that a half-run rebuild left under its first name is put down to that migration', async () => {
  using project = await deployed();
  const rebuild = [
    'CREATE TABLE __new_members (id integer PRIMARY KEY, team_id integer);',
    'INSERT INTO __new_members (id, team_id) SELECT id, team_id FROM members;',
    'DROP TABLE members;',
    'ALTER TABLE __new_members RENAME TO members;',
  ];
  project.add('0002_members', rebuild);
  await byHand(project, rebuild.slice(0, 2));
  expect((await drift(project, 'local')).objects).toMatchObject([
    { name: '__new_members', change: 'added', cause: '0002_members is half-finished in local' },
  ]);
});

test('a schema that was written to a file is compared with the database again', async () => {
  using project = await deployed();
  const { databases } = await schema(project, 'local');
  writeFileSync(join(project.root, 'schema.sql'), databases[0]?.text ?? '');
  const file: DriftBase = { kind: 'file', file: 'schema.sql' };
  expect((await drift(project, 'local', file)).equal).toBe(true);
  await byHand(project, ['DROP TABLE members']);
  expect((await drift(project, 'local', file)).objects).toMatchObject([
    { name: 'members', change: 'removed' },
  ]);
});

test('a backup is compared with what is there now', async () => {
  using project = await deployed();
  const events = await carryOut(project, {
    kind: 'backup',
    environment: 'local',
    databases: undefined,
    tables: undefined,
  });
  const done = events.at(-1);
  const id = done?.kind === 'done' ? done.backup : undefined;
  if (id === undefined) throw new Error('No backup was taken.');
  await byHand(project, ['ALTER TABLE teams ADD COLUMN nickname text']);
  const report = await drift(project, 'local', { kind: 'file', file: id });
  expect(report.objects).toMatchObject([{ name: 'teams', change: 'changed' }]);
});

test('a backup of one of two databases is compared with that one by its name', async () => {
  using project = await deployed();
  const taken = { kind: 'backup', environment: 'local', tables: undefined } as const;
  const events = await carryOut(project, { ...taken, databases: undefined });
  const done = events.at(-1);
  const id = done?.kind === 'done' ? done.backup : undefined;
  project.configure({ databases: { app: { migrations: 'drizzle' }, notes: { migrations: 'drizzle' } } });
  for (const name of ['local', 'staging', 'production']) {
    const targets = { app: `file:${name}.db`, notes: `file:${name}-notes.db` };
    project.configureEnvironment(name, { targets });
  }
  await expect(drift(project, 'local', { kind: 'file', file: String(id) })).rejects.toMatchObject({
    message: `${id} does not hold notes.`,
    next: 'Add --database app. migrate-tui backups local lists what there is.',
  });
});

test('a file that does not load names its line and what to do', async () => {
  using project = await deployed();
  writeFileSync(
    join(project.root, 'schema.sql'),
    'CREATE TABLE a (id integer);\nCREATE TABLE a (id integer);\n',
  );
  const asked = drift(project, 'local', { kind: 'file', file: 'schema.sql' });
  await expect(asked).rejects.toThrow(
    /schema\.sql:2 cannot be loaded into an empty database: .*already exists/,
  );
});

test('a history that gives no schema is named at its place, and two environments can still be compared', async () => {
  using project = await deployed();
  project.add('0002_late', ['ALTER TABLE never_made ADD COLUMN a text;']);
  await record(project, 'local', '0002_late');
  const asked = drift(project, 'local');
  await expect(asked).rejects.toThrow(/cannot be replayed: at 0002_late, statement 1 .*no such table/);
  await expect(asked).rejects.toBeInstanceOf(MigrateError);
  expect((await drift(project, 'local', { kind: 'environment', name: 'staging' })).objects).toMatchObject([
    { change: 'added' },
    { change: 'added' },
  ]);
});

test('what the configuration allows is listed with its reason and is no drift', async () => {
  using project = await deployed();
  await byHand(project, ['CREATE TABLE scratch_a (id integer)']);
  project.configure({ ignoreDrift: [{ object: 'table scratch_*', reason: 'made by the report job' }] });
  const report = await drift(project, 'local');
  expect(report.equal).toBe(true);
  expect(report.ignored).toMatchObject([{ name: 'scratch_a', reason: 'made by the report job' }]);
});

test('a draft leaves alone what may differ', async () => {
  using project = await deployed();
  await byHand(project, [
    'CREATE TABLE scratch_a (id integer)',
    'CREATE TABLE leftover (id integer)',
    'DROP TABLE members',
  ]);
  const ignored = ['table scratch_*', 'table members'].map((object) => ({ object, reason: 'may be' }));
  project.configure({ ignoreDrift: ignored });
  const { draft = [] } = await drift(project, 'local', { kind: 'migrations' }, { draft: 'wanted' });
  expect(draft.map(({ statements }) => statements)).toEqual([
    [expect.stringMatching(/DROP TABLE "leftover";$/)],
  ]);
});

test('in a draft what is found in a statement stands above it, and the draft runs as it is', async () => {
  using project = await deployed();
  await byHand(project, ['CREATE TABLE scratch (id integer)', 'ALTER TABLE teams ADD COLUMN nickname text']);
  const { draft = [] } = await drift(project, 'local', { kind: 'migrations' }, { draft: 'wanted' });
  const statements = draft.flatMap((one) => one.statements);
  expect(statements.find((sql) => sql.includes('DROP TABLE "scratch"'))).toMatch(
    /^-- (?:warning|error): [^\n]*scratch[^\n]*\nDROP TABLE "scratch";$/,
  );
  await byHand(project, statements);
  expect((await drift(project, 'local')).equal).toBe(true);
});

test('all environments at once: one that is not there or does not answer holds none of the others up', async () => {
  using project = await deployed();
  await byHand(project, ['CREATE TABLE scratch (id integer)']);
  project.configureEnvironment('production', { targets: { app: 'http://127.0.0.1:9' } });
  const { environments } = await all(project);
  expect(
    environments.map(({ environment, targets }) => [environment, ...targets.map(({ state }) => state)]),
  ).toEqual([
    ['local', 'differs'],
    ['staging', 'missing'],
    ['production', 'unreachable'],
  ]);
});

async function deployed(): Promise<SmallProject> {
  const project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  return project;
}

async function record(project: SmallProject, environment: string, tag: string): Promise<void> {
  await byHand(
    project,
    [`INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('${tag}', ${1_750_000_000_000 + 2000})`],
    environment,
  );
}

async function drift(
  project: SmallProject,
  environment: string,
  than: DriftBase = { kind: 'migrations' },
  more: { readonly draft?: 'wanted' } = {},
): Promise<DriftReport> {
  await using session = await sessionOn(project);
  const report = await session.ask({ kind: 'drift', environment, databases: undefined, than, ...more });
  if (report.kind !== 'drift') throw new Error(`${report.kind} answered.`);
  return report;
}

async function all(project: SmallProject): Promise<DriftTableReport> {
  await using session = await sessionOn(project);
  const report = await session.ask({ kind: 'drift-all', databases: undefined });
  if (report.kind !== 'drift-all') throw new Error(`${report.kind} answered.`);
  return report;
}

async function schema(project: SmallProject, environment: string): Promise<SchemaReport> {
  await using session = await sessionOn(project);
  const report = await session.ask({ kind: 'schema', environment, databases: undefined });
  if (report.kind !== 'schema') throw new Error(`${report.kind} answered.`);
  return report;
}
