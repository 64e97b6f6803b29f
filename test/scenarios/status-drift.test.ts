import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { StatusReport, StatusTarget } from '../../src/operations/reports.ts';
import { byHand } from '../support/by-hand.ts';
import { cli } from '../support/cli.ts';
import { d1Project } from '../support/d1-project.ts';
import { carryOut, consent, selection, sessionOn } from '../support/in-process.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test('status --drift says how many objects differ and what shows them, and with --check exits 3', async () => {
  using project = await deployed();
  await byHand(project, ['ALTER TABLE teams ADD COLUMN nickname text', 'CREATE TABLE scratch (id integer)']);
  const { exitCode, stdout } = await ask(project, 'status', 'local', 'staging', '--drift');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/local +≠ drifted +2 applied +2 objects differ/);
  expect(stdout).toMatch(/staging +✓ current +2 applied +no drift/);
  expect(stdout).toContain(
    'local: 2 objects differ from what its migrations give; migrate-tui drift local shows what.',
  );
  expect(await ask(project, 'status', 'local', '--drift', '--check')).toMatchObject({ exitCode: 3 });
  expect(await ask(project, 'status', 'staging', '--drift', '--check')).toMatchObject({ exitCode: 0 });
});

test('status --drift is remembered: a later status knows it with its age, until it is asked again and nothing differs', async () => {
  using project = await deployed();
  await byHand(project, ['CREATE TABLE scratch (id integer)']);
  const [found] = await statusOf(project, ['local'], 'drift');
  expect(found).toMatchObject({ state: ['drifted'], drift: { state: 'differs', objects: 1, ignored: 0 } });
  const [later] = await statusOf(project, ['local'], 'plain');
  expect(later).toMatchObject({ state: ['drifted'] });
  expect(later).not.toHaveProperty('drift');
  expect(Date.parse(String(later?.driftAskedAt))).toBeGreaterThanOrEqual(
    Date.parse(String(found?.driftAskedAt)),
  );
  expect((await ask(project, 'status', 'local')).stdout).toMatch(
    /local: it differed from its migrations when it was compared \d+ s ago; migrate-tui drift local shows what\./,
  );
  await byHand(project, ['DROP TABLE scratch']);
  await statusOf(project, ['local'], 'drift');
  const [again] = await statusOf(project, ['local'], 'plain');
  expect(again).toMatchObject({ state: ['current'] });
  expect(again?.driftAskedAt).toBeDefined();
});

test('with --drift, one that does not answer, is not there or cannot be replayed says so and stops no other', async () => {
  using project = await deployed();
  project.add('0002_late', ['ALTER TABLE never_made ADD COLUMN a text;']);
  await byHand(
    project,
    ["INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 1750000002000)"],
    'staging',
  );
  project.configureEnvironment('production', { targets: { app: 'http://127.0.0.1:9' } });
  project.configureEnvironment('dev', { targets: { app: 'file:dev.db' } });
  const { stdout } = await ask(project, 'status', '--drift', '--json', '--stream');
  const [, ...lines] = stdout.trimEnd().split('\n');
  const reports = lines.map((line): StatusReport => JSON.parse(line));
  for (const report of reports) expect(misfits('status', report)).toEqual([]);
  const found = new Map(
    reports.flatMap(({ environments }) =>
      environments.map(({ name, targets }) => [name, targets[0]?.drift?.state]),
    ),
  );
  expect(found).toEqual(
    new Map([
      ['local', 'equal'],
      ['staging', 'not-replayed'],
      ['production', undefined],
      ['dev', 'equal'],
    ]),
  );
  expect(readdirSync(project.root)).not.toContain('dev.db');
  const shown = await ask(project, 'status', 'staging', '--drift', '--check');
  expect(shown).toMatchObject({ exitCode: 3 });
  expect(shown.stdout).toMatch(
    /staging: not compared with its migrations: The history of app cannot be replayed: at 0002_late, statement 1 .*no such table/,
  );
});

test('with --drift, what the configuration lets differ is no drift', async () => {
  using project = await deployed();
  await byHand(project, ['CREATE TABLE scratch_a (id integer)']);
  project.configure({ ignoreDrift: [{ object: 'table scratch_*', reason: 'made by the report job' }] });
  const [found] = await statusOf(project, ['local'], 'drift');
  expect(found).toMatchObject({ state: ['current'], drift: { state: 'equal', objects: 0, ignored: 1 } });
});

test('status --drift sees what was changed by hand in a local D1', async () => {
  await using project = await d1Project({
    'wrangler.json': JSON.stringify({
      name: 'shop',
      d1_databases: [{ binding: 'DB', database_name: 'shop' }],
    }),
    'migrations/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY, name text);\n',
  });
  const place = { root: project.root, env: project.env };
  expect(await ask(place, 'deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  expect((await statusOf(place, ['local'], 'drift'))[0]).toMatchObject({ drift: { state: 'equal' } });
  const folder = join(project.root, '.wrangler/state/v3/d1/miniflare-D1DatabaseObject');
  const file = readdirSync(folder).find((name) => /^[0-9a-f]+\.sqlite$/.test(name)) ?? '';
  const database = new DatabaseSync(join(folder, file));
  database.exec('CREATE INDEX by_name ON users (name)');
  database.close();
  expect((await statusOf(place, ['local'], 'drift'))[0]).toMatchObject({
    state: ['drifted'],
    drift: { state: 'differs', objects: 1 },
  });
});
type Place = Pick<SmallProject, 'root' | 'env'>;

/** Local and staging are at the newest migration. */
async function deployed(): Promise<SmallProject> {
  const project = smallProject();
  for (const environment of ['local', 'staging']) {
    await carryOut(project, { kind: 'deploy', environment, selection, consent });
  }
  return project;
}

function ask({ root, env }: Place, ...args: readonly string[]) {
  return cli(args, { cwd: root, env });
}

async function statusOf(
  place: Place,
  environments: readonly string[],
  how: 'plain' | 'drift',
): Promise<readonly StatusTarget[]> {
  await using session = await sessionOn(place);
  const drift = how === 'drift' ? { drift: 'wanted' as const } : {};
  const report = await session.ask({ kind: 'status', environments, databases: undefined, ...drift });
  if (report.kind !== 'status') throw new Error(`${report.kind} answered.`);
  expect(misfits('status', JSON.parse(JSON.stringify(report)))).toEqual([]);
  return report.environments.flatMap(({ targets }) => targets);
}
