import * as fc from 'fast-check';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { miniflarePath } from '../../src/project/miniflare-path.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import type { SquashReport } from '../../src/operations/squash/report.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { randomFolder } from '../support/random-folder.ts';
import { inMeaning, withSeed, wordForWord } from '../support/random-history.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { wrangler } from '../support/wrangler.ts';

/** Under the real wrangler: `SQUASHES=20 npx vitest run test/scenarios/squash-wrangler.test.ts` tries more. */
const squashes = Number(process.env['SQUASHES'] ?? 3);

/** How people number the files of a folder; wrangler orders by the number. */
const numberings = [
  (index: number) => `${String(index + 1).padStart(4, '0')}_step`,
  (index: number) => `${index + 8}_step`,
  (index: number) =>
    `${String(index * 10).padStart(3, '0')}_${'zyxwvutsrqponmlkjihgfedcba'.charAt(index % 26)}`,
];

test(
  'any squashed history of a wrangler folder makes the same new local D1, and takes those that began before along',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(randomFolder, fc.nat(2), fc.nat(20), async (random, style, place) => {
        const migrations = withSeed(random, numberings[style] ?? String);
        fc.pre(migrations.length > 2);
        using project = folderOf(migrations);
        // What D1 refuses, and what loses rows that no statement names, is another matter.
        fc.pre((await deploy(project, 'local'))?.kind === 'done');
        const middle = migrations[place % (migrations.length - 1)]?.tag ?? '';
        expect(await deploy(project, 'middle', middle)).toMatchObject(done);
        const before = wordForWord(fileOf(project, 'local'));
        const records = recordsIn(project, 'local');

        const refused = await squash(project, []);
        expect(refused.state).not.toBe('written');
        expect(refused.refusals.join()).toMatch(`middle is at ${middle}`);
        expect(await squash(project, ['middle'])).toMatchObject({ state: 'written', refusals: [] });
        expect(readdirSync(join(project.root, 'migrations'))).toEqual([`${migrations.at(-1)?.tag}.sql`]);

        expect(await stateOf(project, 'local')).toEqual(['current']);
        expect(await deploy(project, 'local')).toMatchObject(done);
        expect(wordForWord(fileOf(project, 'local'))).toEqual(before);
        expect(recordsIn(project, 'local')).toEqual(records);
        expect(await stateOf(project, 'middle')).toEqual(['behind']);
        expect(await deploy(project, 'middle')).toMatchObject(done);
        expect(await stateOf(project, 'middle')).toEqual(['current']);
        expect(wordForWord(fileOf(project, 'middle'))).toEqual(before);
        expect(recordsIn(project, 'middle')).toEqual(records);
        expect(await deploy(project, 'fresh')).toMatchObject(done);
        expect(await inMeaning(fileOf(project, 'fresh'))).toEqual(await inMeaning(fileOf(project, 'local')));
      }),
      { numRuns: 10 },
    );
  },
);

test(
  'the real wrangler has nothing to apply after a squash, and goes on from it everywhere',
  { timeout: 120_000 * squashes },
  async () => {
    const histories = await usable(squashes);
    const next = histories.values();
    // Each starts wrangler five times, which takes a processor for seconds; two at a time leave none idle.
    const some = async () => {
      for (const history of next) {
        await goesOn(history).catch((cause: unknown) => {
          throw new Error(`The history was ${JSON.stringify(history)}.`, { cause });
        });
      }
    };
    await Promise.all([some(), some()]);
  },
);

interface History {
  readonly migrations: Migrations;
  /** How many of them a database had run before. */
  readonly place: number;
}

/** D1 refuses some random histories; that is another matter. */
async function usable(wanted: number): Promise<readonly History[]> {
  const found: History[] = [];
  for (const { random, place } of fc.sample(long, wanted * 5)) {
    const migrations = withSeed(random, numberings[1] ?? String);
    if (found.length < wanted && (await isDeployed(migrations))) found.push({ migrations, place });
  }
  expect(found).toHaveLength(wanted);
  return found;
}

async function goesOn({ migrations, place }: History): Promise<void> {
  using project = folderOf(migrations.slice(0, place));
  await applied(project, 'middle');
  writeFiles(project, migrations.slice(place));
  await applied(project, 'local');
  const before = wordForWord(fileOf(project, 'local'));
  expect(await squash(project, ['middle'])).toMatchObject({ state: 'written', refusals: [] });
  expect(await stateOf(project, 'middle')).toEqual(['behind']);
  expect(await deploy(project, 'middle')).toMatchObject(done);

  writeFiles(project, [{ tag: '9000_next', chunks: ['CREATE TABLE next (id integer PRIMARY KEY);'] }]);
  for (const name of ['local', 'middle', 'fresh']) {
    const had = name === 'fresh' ? migrations.slice(-1) : migrations;
    await applied(project, name);
    expect(recordsIn(project, name)).toEqual([...had.map(({ tag }) => `${tag}.sql`), '9000_next.sql']);
    using database = new DatabaseSync(fileOf(project, name));
    database.exec('DROP TABLE next');
  }
  expect(wordForWord(fileOf(project, 'local'))).toEqual(before);
  expect(wordForWord(fileOf(project, 'middle'))).toEqual(before);
  expect(await inMeaning(fileOf(project, 'fresh'))).toEqual(await inMeaning(fileOf(project, 'local')));
}

/** Histories of more than a few files, and how many of them a database had run before. */
const long = fc
  .record({ random: randomFolder, place: fc.integer({ min: 1, max: 3 }) })
  .filter(({ random }) => random.migrations.length > 4);

type Migrations = readonly { readonly tag: string; readonly chunks: readonly string[] }[];

/** Three local D1 databases of one Worker, each in a state folder of its own. */
function folderOf(migrations: Migrations): SmallProject {
  const project = smallProject('empty');
  rmSync(join(project.root, 'drizzle'), { recursive: true });
  mkdirSync(join(project.root, 'migrations'));
  const binding = { binding: 'DB', database_name: 'db', database_id: id, migrations_dir: 'migrations' };
  const config = { name: 'test', compatibility_date: '2026-01-01', d1_databases: [binding] };
  writeFileSync(join(project.root, 'wrangler.json'), JSON.stringify(config));
  const environments = ['local', 'middle', 'fresh'].map((name) => {
    return [name, { targets: { DB: { d1Local: 'DB', persistTo: name } } }];
  });
  project.configure({ databases: undefined, environments: Object.fromEntries(environments) });
  writeFiles(project, migrations);
  return project;
}

const id = '5d0c0d2c-0000-4000-8000-000000000002';

function writeFiles({ root }: SmallProject, migrations: Migrations): void {
  for (const { tag, chunks } of migrations) {
    writeFileSync(join(root, 'migrations', `${tag}.sql`), chunks.join('\n--> statement-breakpoint\n'));
  }
}

function fileOf({ root }: SmallProject, environment: string): string {
  return miniflarePath(join(root, environment), id);
}

/** What wrangler's own table says, in the order in which it was run. */
function recordsIn(project: SmallProject, environment: string): readonly unknown[] {
  using database = new DatabaseSync(fileOf(project, environment), { readOnly: true });
  return database
    .prepare('SELECT name FROM d1_migrations ORDER BY id')
    .all()
    .map(({ name }) => name);
}

/** By wrangler itself. */
async function applied({ root }: SmallProject, environment: string): Promise<void> {
  const command = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', environment];
  const { exitCode, output } = await wrangler(root, command);
  expect(exitCode, output).toBe(0);
}

/** The last event. */
async function deploy(
  project: SmallProject,
  environment: string,
  to?: string,
): Promise<RunEvent | undefined> {
  const change = { kind: 'deploy', environment, selection: { ...selection, to }, consent } as const;
  return (await carryOut(project, change)).at(-1);
}

async function isDeployed(migrations: Migrations): Promise<boolean> {
  using project = folderOf(migrations);
  return (await deploy(project, 'local'))?.kind === 'done';
}

const done = { kind: 'done' };

async function stateOf(project: SmallProject, environment: string) {
  return (await statusIn(project, environment)).state;
}

async function squash(project: SmallProject, leaveOut: readonly string[]): Promise<SquashReport> {
  await using session = await sessionOn(project);
  return await session.squash({
    what: 'squash',
    database: undefined,
    to: undefined,
    leaveOut,
    accepted: [],
    consent: 'given',
  });
}
