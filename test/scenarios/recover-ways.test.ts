import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RecoveryCase } from '../../src/operations/reports.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

interface Half {
  readonly what: string;
  readonly statements: readonly string[];
  readonly after: number;
  readonly rollback?: readonly string[];
  /** What is offered, the recommended one first. */
  readonly offers: readonly string[];
  readonly recommends: string | undefined;
}

const rebuild = [
  'PRAGMA foreign_keys=OFF',
  'CREATE TABLE __new_teams (id integer PRIMARY KEY, name text NOT NULL, colour text)',
  'INSERT INTO __new_teams (id, name) SELECT id, name FROM teams',
  'DROP TABLE teams',
  'ALTER TABLE __new_teams RENAME TO teams',
  'PRAGMA foreign_keys=ON',
  'CREATE UNIQUE INDEX teams_name_idx ON teams (name)',
];

const additions = [
  'CREATE TABLE rooms (id integer PRIMARY KEY, team_id integer REFERENCES teams(id))',
  'INSERT INTO rooms (team_id) SELECT id FROM teams WHERE 0',
  'ALTER TABLE teams ADD COLUMN room_id integer',
  'CREATE INDEX teams_room_idx ON teams (room_id)',
];

const halves: readonly Half[] = [
  {
    what: 'a rebuild before its DROP',
    statements: rebuild,
    after: 3,
    offers: ['start-over', 'back-out', 'restore'],
    recommends: 'start-over',
  },
  {
    what: 'a rebuild after its DROP',
    statements: rebuild,
    after: 4,
    offers: ['resume', 'restore'],
    recommends: 'resume',
  },
  {
    what: 'tables and columns that were added',
    statements: additions,
    after: 3,
    rollback: [
      'DROP INDEX IF EXISTS teams_room_idx',
      'ALTER TABLE teams DROP COLUMN room_id',
      'DROP TABLE rooms',
    ],
    offers: ['resume', 'start-over', 'back-out', 'undo', 'restore'],
    recommends: 'resume',
  },
  {
    what: 'a schema that is complete, with rows that may not have been changed',
    statements: ['ALTER TABLE teams ADD COLUMN size integer', "UPDATE teams SET name = name || '!'"],
    after: 1,
    offers: ['record', 'restore'],
    recommends: undefined,
  },
  {
    what: 'all of it without its record',
    statements: additions,
    after: 4,
    offers: ['record', 'restore'],
    recommends: 'record',
  },
];

describe.each(halves)('$what', (half) => {
  test(
    'is shown with the ways that are open, and each leads to a state that verify calls good',
    { timeout: 120_000 },
    async () => {
      for (const id of half.offers) {
        using odd = await halved(half);
        const found = await only(odd);
        expect(found.options.filter(({ allowed }) => allowed).map((option) => option.id)).toEqual(
          half.offers,
        );
        expect(found.options.find(({ recommended }) => recommended)?.id).toBe(half.recommends);
        expect(found.statements?.map(({ sql }) => sql)).toEqual(half.statements);
        expect(found.meaning).not.toEqual([]);
        const answer = id === 'record' && half.recommends !== 'record' ? answerFor : [];
        const done = await odd.choose(id, ...answer);
        expect(done, `${id}: ${done.stdout}${done.stderr}`).toMatchObject({
          exitCode: 0,
          last: { kind: 'done' },
        });
        expect(await confirmation(odd), id).toMatchObject({
          how: 'flag',
          ...(answer.length > 0 && { accepted: ['data-unproven:0002_half'], reason: 'looked at' }),
        });
        const verified = await odd.program('verify', 'staging');
        expect(verified.exitCode, `${id}: ${verified.stdout}`).toBe(0);
        expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
        const deployed = await odd.program('deploy', 'staging', '--yes');
        expect(deployed.exitCode, `${id}: ${deployed.stdout}${deployed.stderr}`).toBe(0);
        expect(await odd.rows('SELECT count(*) AS n FROM members')).toEqual([{ n: 2 }]);
      }
    },
  );
});

/** What the newest run was agreed to with. */
async function confirmation(odd: OddProject): Promise<unknown> {
  const { stdout } = await odd.program('runs', 'staging', '--json');
  return JSON.parse(stdout).runs[0].confirmed;
}

const answerFor = ['--accept', 'data-unproven:0002_half', '--reason', 'looked at'];

test('a backup that was taken in the middle is passed over for the one before it, and what came since is told', async () => {
  using odd = await halved({ ...(halves[1] ?? fail()), offers: [] });
  expect((await odd.program('backup', 'staging', '--json')).exitCode).toBe(0);
  const found = await only(odd);
  const restore = found.options.find(({ id }) => id === 'restore');
  expect(restore?.why).toContain('backup b1');
  await odd.sql("INSERT INTO __new_teams (id, name) VALUES (7, 'green')");
  expect((await only(odd)).options.find(({ id }) => id === 'restore')?.why).toContain(
    'Loses 1 row of teams written since',
  );
});

test('a way that is not open is refused with why, and with the command of the one that is recommended', async () => {
  using odd = await halved({ ...(halves[0] ?? fail()), offers: [] });
  const { exitCode, last } = await odd.choose('resume');
  expect({ exitCode, last }).toMatchObject({
    exitCode: 4,
    last: { code: 'refused', next: 'Recommended is: migrate-tui recover staging --choose start-over' },
  });
  expect(last?.['message']).toMatch(
    /^Nothing in staging is to be recovered with resume: .+[^.]\. Nothing was changed\.$/,
  );
  expect((await odd.choose('no-such-way', '--only', '0002')).last).toMatchObject({
    next: 'Recommended is: migrate-tui recover staging --choose start-over --only 0002',
  });
  using open = await halved({ ...(halves[3] ?? fail()), offers: [] });
  expect((await open.choose('resume')).last).toMatchObject({
    next: 'None is recommended; migrate-tui recover staging says what speaks for and against record and restore.',
  });
});

test('a way that was tried is taken without trying it again, unless something moved since', async () => {
  using odd = await halved({ ...(halves[2] ?? fail()), offers: [] });
  const tried = await odd.program('recover', 'staging', '--choose', 'resume', '--json');
  const file = String(tried.lines.find(({ kind }) => kind === 'rehearsed')?.['plan']);
  const steps = (lines: typeof tried.lines) =>
    lines.flatMap(({ kind, step }) => (kind === 'step-finished' ? [step] : []));
  expect(steps(tried.lines)).toEqual(['backup', 'dry-run']);
  expect(await odd.program('recover', 'staging', '--plan', file)).toMatchObject({ exitCode: 2 });
  const asked = await odd.program('recover', 'staging', '--choose', 'resume', '--plan', file);
  expect(asked).toMatchObject({ exitCode: 4 });
  expect(asked.stderr).not.toContain('dry-run');
  await odd.sql('CREATE TABLE other (id integer)');
  const moved = await odd.program('recover', 'staging', '--choose', 'resume', '--plan', file, '--json');
  expect(steps(moved.lines)).toEqual(['backup', 'dry-run']);
  expect(moved.stdout).toContain(`What ${file} rehearsed is rehearsed anew: its schema changed since.`);
  const [backup] = moved.lines.flatMap((line) => line['backup'] ?? []);
  const another = await odd.program('recover', 'staging', '--choose', 'start-over', '--plan', file, '--json');
  expect(another.stdout).toContain('is rehearsed anew: ');
  const again = String(moved.lines.find(({ kind }) => kind === 'rehearsed')?.['plan']);
  const inTime = await odd.program('recover', 'staging', '--choose', 'resume', '--plan', again);
  expect(inTime.stderr).toMatch(/Run \d+ rehearsed it \d+ \w+ \d\d:\d\d UTC, and nothing moved since\./);
  const [newest] = JSON.parse((await odd.program('runs', '--json')).stdout).runs;
  expect(newest).toMatchObject({ outcome: 'refused', backup });
  await odd.sql("INSERT INTO teams (name) VALUES ('green')");
  const taken = await odd.choose('resume', '--plan', again);
  expect(taken, taken.stdout + taken.stderr).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  expect(steps(taken.lines)).not.toContain('dry-run');
  expect(taken.lines.map(({ kind }) => kind)).toContain('backup-renewed');
  expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
});

test('a person is told which rows are in the way, by table and number and never by value', async () => {
  using odd = await halved(halves[1] ?? fail());
  await odd.sql('PRAGMA foreign_keys=OFF; DELETE FROM __new_teams WHERE id = 2');
  const found = await only(odd);
  expect(found.options[0]).toMatchObject({ id: 'restore', recommended: false, allowed: true });
  expect(found.options.find(({ id }) => id === 'resume')).toMatchObject({
    allowed: false,
    why: '__new_teams holds 1 row, and backup b1 has 2 rows of teams: nothing tells where the others went.',
  });
  expect(JSON.stringify(found)).not.toContain('blue');
});

test('a record of which nothing is there is taken away, and a deploy runs its migration again', async () => {
  using odd = oddProject(program);
  expect((await odd.program('deploy', 'staging', '--yes')).exitCode).toBe(0);
  await odd.sql('DROP TABLE members');
  const found = await only(odd);
  expect(found).toMatchObject({
    situation: 'recorded-not-there',
    tag: '0001_members',
    verdict: 'recorded, not there',
  });
  expect(found.options.filter(({ allowed }) => allowed).map(({ id }) => id)).toEqual(['remove-record']);
  const done = await odd.choose('remove-record');
  expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  expect((await odd.program('deploy', 'staging', '--yes')).exitCode).toBe(0);
  expect(await odd.rows('SELECT count(*) AS n FROM members')).toEqual([{ n: 2 }]);
  expect((await odd.program('verify', 'staging')).exitCode).toBe(0);
});

/** Staging with a backup, and then a part of a migration that something sent statement by statement. */
async function halved({ statements, after, rollback }: Half): Promise<OddProject> {
  const odd = oddProject(program);
  const deployed = await odd.program('deploy', 'staging', '--yes', '--json');
  if (deployed.exitCode !== 0) throw new Error(deployed.stdout);
  expect((await odd.program('backup', 'staging', '--json')).exitCode).toBe(0);
  odd.project.add(
    '0002_half',
    statements.map((sql) => `${sql};`),
  );
  if (rollback) {
    writeFileSync(join(odd.root, 'drizzle', '0002_half.rollback.sql'), `${rollback.join(';\n')};\n`);
  }
  await odd.sql(
    statements
      .slice(0, after)
      .map((sql) => `${sql};`)
      .join('\n'),
  );
  return odd;
}

async function only(odd: OddProject): Promise<RecoveryCase> {
  const { cases } = await odd.cases();
  const [found, more] = cases;
  if (!found || more) throw new Error(JSON.stringify(cases));
  return found;
}

function fail(): never {
  throw new Error('There is no such half.');
}
