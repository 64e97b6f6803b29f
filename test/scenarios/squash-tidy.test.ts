import { createClient } from '@libsql/client';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Consent } from '../../src/operations/change.ts';
import type { SquashRequest } from '../../src/operations/squash/report.ts';
import { byHand, namesBy } from '../support/by-hand.ts';
import { folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { carryOut, consent, sessionOn, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { addAfter, deployIn, squashIn, tidyIn } from '../support/squashing.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
  project.add('0002_green', ["INSERT INTO teams (name) VALUES ('green');"]);
});
afterEach(() => project[Symbol.dispose]());

describe('tidying records of Drizzle 0.x after a squash', () => {
  test('leaves what a database made from the one file has, and drizzle-orm goes on from it', async () => {
    await deploy('local');
    await squash({ consent: 'given' });
    await deploy('staging');
    expect(await tidy('local')).toMatchObject({
      kind: 'done',
      backup: 'b1',
      message:
        'local is tidied: 3 records became 1, as in a database made from the one file; no migration was run.',
    });
    expect(await records('local')).toEqual(await records('staging'));
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 1, pending: 0 });
    await migrate('local');
    expect(await records('local')).toHaveLength(1);
    addAfter(project, '0003_blue', 'ALTER TABLE teams ADD colour text;');
    await migrate('local');
    await deploy('staging');
    expect(await records('local')).toEqual(await records('staging'));
    expect((await statusIn(project, 'local')).state).toEqual(['current']);
    expect(await tidy('local')).toMatchObject({ kind: 'done', message: /^Nothing to tidy/ });
    await using session = await sessionOn(project);
    const at = { databases: undefined, environment: 'local' };
    expect(await session.ask({ kind: 'recovery', ...at })).toMatchObject({ cases: [] });
    expect(await session.ask({ kind: 'verify', ...at })).toMatchObject({ equal: true });
  });

  test('says what it would do before anybody agreed, and asks for the name of a protected environment', async () => {
    await deploy('production');
    await squash({ consent: 'given' });
    const before = await records('production');
    const refused = await tidy('production', { ...consent, yes: 'not-given' });
    expect(refused).toMatchObject({
      kind: 'failed',
      exitCode: 4,
      code: 'not-confirmed',
      message: /^Removes 2 records from __drizzle_migrations, of migrations that 0002_green stands for/,
      next: /migrate-tui squash --tidy production --yes --confirm production$/,
    });
    expect(await tidy('production')).toMatchObject({ code: 'not-confirmed' });
    expect(await records('production')).toEqual(before);
    const confirm = { environment: 'production', hash: undefined };
    expect(await tidy('production', { ...consent, confirm })).toMatchObject({ kind: 'done' });
    expect(await records('production')).toHaveLength(1);
  });

  test('is refused in the middle of what the one file stands for, and possible once it was brought along', async () => {
    await deploy('local', '0001');
    await squash({ consent: 'given', leaveOut: ['local'] });
    expect(await tidy('local')).toMatchObject({
      code: 'refused',
      exitCode: 4,
      message:
        'local is in the middle of what 0002_green stands for: 0002_green did not run there. Nothing was changed.',
      next: 'migrate-tui deploy local brings it to 0002_green from the archive.',
    });
    await deploy('local');
    expect(await tidy('local')).toMatchObject({ kind: 'done' });
    expect((await statusIn(project, 'local')).state).toEqual(['current']);
  });

  test('is refused where one of several was never recorded', async () => {
    await deploy('local');
    await squash({ consent: 'given' });
    await byHand(project, ['DELETE FROM __drizzle_migrations WHERE created_at = 1750000001000']);
    expect(await tidy('local')).toMatchObject({
      code: 'refused',
      message: /^local has no record of 0001_members, although it is part of 0002_green/,
    });
    expect(await records('local')).toHaveLength(2);
  });

  test('has nothing to do without a squash, before the first deploy and where the one file ran', async () => {
    await deploy('local');
    expect(await tidy('local')).toMatchObject({
      kind: 'done',
      message: /no file of the folder is a squashed one/,
    });
    await squash({ consent: 'given' });
    await deploy('staging');
    expect(await tidy('staging')).toMatchObject({
      kind: 'done',
      message: /^Nothing to tidy: staging has no record/,
    });
  });

  test('leaves records alone that are of no squashed file, and takes those of an older squash along', async () => {
    await deploy('local');
    await squash({ to: '0001', consent: 'given' });
    addAfter(project, '0003_blue', 'ALTER TABLE teams ADD colour text;');
    await deploy('local');
    await squash({ to: '0002', consent: 'given' });
    expect((await squash({})).environments[0]).toMatchObject({ state: 'ready', records: 4 });
    expect(await tidy('local')).toMatchObject({ message: /^local is tidied: 3 records became 1/ });
    await deploy('staging');
    expect(await records('local')).toEqual(await records('staging'));
    expect(await records('local')).toHaveLength(2);
  });

  test('does not keep a backup of before it, put back, from being current, and one from the middle from being brought on', async () => {
    await deploy('local', '0001');
    const middle = join(project.root, 'middle.db');
    copyFileSync(join(project.root, 'local.db'), middle);
    await deploy('local');
    await squash({ consent: 'given' });
    await tidy('local');
    const restored = await carryOut(project, {
      kind: 'restore',
      environment: 'local',
      backup: 'b2',
      database: undefined,
      tables: undefined,
      consent,
    });
    expect(restored.at(-1)).toMatchObject({ kind: 'done' });
    expect(await records('local')).toHaveLength(3);
    expect((await statusIn(project, 'local')).state).toEqual(['current']);
    copyFileSync(middle, join(project.root, 'local.db'));
    expect((await statusIn(project, 'local')).state).toEqual(['behind']);
    await deploy('local');
    await tidy('local');
    expect(await records('local')).toHaveLength(1);
    await migrate('local');
    expect(await records('local')).toHaveLength(1);
  });

  test('an undo is refused by name then, and gives the records of the originals back afterwards', async () => {
    await deploy('local');
    await deploy('staging');
    await squash({ consent: 'given' });
    await tidy('local');
    const refused = await squash({ what: 'undo', consent: 'given' });
    expect(refused).toMatchObject({ state: 'refused' });
    expect(refused.refusals).toEqual([
      expect.stringMatching(/^local: it has the record of 0002_green alone/),
    ]);
    const without = await squash({ what: 'undo', consent: 'given', leaveOut: ['staging'] });
    expect(without.next).toContain('--undo --leave-out staging --leave-out local, then');
    expect(await squash({ what: 'undo', consent: 'given', leaveOut: ['local'] })).toMatchObject({
      state: 'undone',
    });
    const recorded = await carryOut(project, {
      kind: 'baseline',
      environment: 'local',
      database: undefined,
      at: '0002_green',
      consent,
    });
    expect(recorded.at(-1)).toMatchObject({ kind: 'done' });
    await migrate('local');
    expect(await statusIn(project, 'local')).toMatchObject({ applied: 3, pending: 0 });
  });

  test('lets drizzle-orm 1.0 take the table over, which stale records of other files would keep from it', async () => {
    await deploy('local');
    await deploy('staging');
    await squash({ consent: 'given' });
    await tidy('local');
    const folder = join(project.root, 'drizzle-1');
    const [name, tag] = ['20250615143322_green', '0002_green'];
    const sql = readFileSync(join(project.root, 'drizzle', `${tag}.sql`), 'utf8');
    await writeFiles(folder, folder1([{ tag: name, sql }]));
    await expect(migrateWith1('staging', folder)).rejects.toThrow();
    await migrateWith1('local', folder);
    expect(await namesBy(project, 'SELECT name FROM __drizzle_migrations')).toEqual([name]);
  });
});

describe('a migration that was edited after it ran, and then squashed', () => {
  const states = async () => (await statusIn(project, 'local')).items.map(({ tag, state }) => [tag, state]);

  test('has a record that is squashed like the others, and is tidied with them', async () => {
    await deploy('local');
    edit('0001_members');
    await squash({ consent: 'given' });
    expect(await states()).toEqual([
      ['0000_teams', 'squashed'],
      ['0001_members', 'squashed'],
      ['0002_green', 'applied'],
    ]);
    expect(await tidy('local')).toMatchObject({ message: /^local is tidied: 3 records became 1/ });
    await deploy('staging');
    expect(await records('local')).toEqual(await records('staging'));
  });

  test('still says that a target is in the middle, where nothing but it ran', async () => {
    await deploy('local', '0000');
    edit('0000_teams');
    await squash({ consent: 'given', leaveOut: ['local'] });
    expect(await states()).toEqual([
      ['0000_teams', 'changed'],
      ['0001_members', 'pending'],
      ['0002_green', 'pending'],
    ]);
    expect(await tidy('local')).toMatchObject({ code: 'refused', message: /^local is in the middle/ });
  });

  test('as the last of them leaves its record to the one file; alone, it keeps the originals from coming back', async () => {
    await deploy('local');
    edit('0002_green');
    await squash({ consent: 'given' });
    expect(await states()).toEqual([
      ['0000_teams', 'squashed'],
      ['0001_members', 'squashed'],
      ['0002_green', 'changed'],
    ]);
    expect((await squash({ what: 'undo' })).refusals).toEqual([]);
    expect(await tidy('local')).toMatchObject({ message: /^local is tidied: 3 records became 1/ });
    expect((await squash({ what: 'undo' })).refusals).toEqual([
      expect.stringMatching(/^local: it has the record of 0002_green alone/),
    ]);
  });
});

describe('tidying records of Drizzle 1.0 after a squash', () => {
  const tags = ['20250101000001_teams', '20250101000002_members'] as const;

  test('leaves the one that drizzle-orm 1.0 finds, and says who would run the others again', async () => {
    const folder = join(project.root, 'drizzle');
    rmSync(folder, { recursive: true });
    await writeFiles(
      folder,
      folder1([
        {
          tag: tags[0],
          sql: "CREATE TABLE teams (id integer PRIMARY KEY, name text); INSERT INTO teams VALUES (1, 'red');",
        },
        { tag: tags[1], sql: 'CREATE TABLE members (id integer PRIMARY KEY);' },
      ]),
    );
    await deploy('local');
    const appliedAt = await namesBy(
      project,
      `SELECT applied_at AS name FROM __drizzle_migrations WHERE name = '${tags[1]}'`,
    );
    const edited = join(folder, tags[0], 'migration.sql');
    writeFileSync(edited, `${readFileSync(edited, 'utf8')}\n-- edited`);
    await squash({ consent: 'given' });
    expect(await tidy('local', { ...consent, yes: 'not-given' })).toMatchObject({
      message: /Code that still has the folder of before the squash would run them again/,
    });
    expect(await tidy('local')).toMatchObject({ kind: 'done' });
    await deploy('staging');
    expect(await records('local')).toEqual(await records('staging'));
    expect(await namesBy(project, 'SELECT applied_at AS name FROM __drizzle_migrations')).toEqual(appliedAt);
    await migrateWith1('local', folder);
    await writeFiles(
      folder,
      folder1([{ tag: '20250101000003_more', sql: 'ALTER TABLE teams ADD colour text;' }]),
    );
    await migrateWith1('local', folder);
    await deploy('staging');
    expect(await records('local')).toEqual(await records('staging'));
    expect((await statusIn(project, 'local')).state).toEqual(['current']);
  });
});

const deploy = (environment: string, to?: string) => deployIn(project, environment, to);
const tidy = (environment: string, given?: Consent) => tidyIn(project, environment, given);
const squash = (request: Partial<SquashRequest>) => squashIn(project, request);

/** drizzle-orm's own. */
async function migrate(name: string): Promise<void> {
  await migrateAs('drizzle-0', name, join(project.root, 'drizzle'));
}

async function migrateWith1(name: string, folder: string): Promise<void> {
  await migrateAs('drizzle-1', name, folder);
}

async function migrateAs(line: keyof typeof drizzleLines, name: string, folder: string): Promise<void> {
  const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
  try {
    await drizzleLines[line].migrate(client, folder);
  } finally {
    client.close();
  }
}

async function records(name: string): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
  try {
    const { rows } = await client.execute(
      'SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at',
    );
    return rows.map((row) => Object.values(row));
  } finally {
    client.close();
  }
}

/** Another text with the same statements. */
function edit(tag: string): void {
  const file = join(project.root, 'drizzle', `${tag}.sql`);
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n-- edited`);
}
