import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import type { Change } from '../../src/operations/change.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { folderContent } from '../support/folder-content.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import {
  environmentNames,
  squashedFiles as files,
  squashShop,
  type EnvironmentName,
  type SquashShop,
} from '../support/squash-shop.ts';
import { deployIn, squashIn, tidyIn } from '../support/squashing.ts';
import { contentOf, migrateTo } from '../support/squashing-postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(['drizzle-0', 'drizzle-1'] as const)('a PostgreSQL history of %s', (line) => {
  let shop: SquashShop;
  let project: SquashShop['project'];
  let databases: SquashShop['databases'];

  beforeEach(async () => {
    shop = await squashShop(server);
    ({ project, databases } = shop);
    await write(files);
  });
  afterEach(() => shop[Symbol.asyncDispose]());

  test('becomes one file; who ran the last of it is current without a write, and the next migration runs everywhere', async () => {
    await migrate('local');
    await apply('production');
    const before = await Promise.all([everything('local'), everything('production')]);
    const report = await squashIn(project, { consent: 'given' });
    expect(report).toMatchObject({ state: 'written', refusals: [], baseline: { tag: last } });
    expect(report.proof.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'git not-possible',
      'repeatable proven',
      'schema proven',
      'rows proven',
      'generate not-possible',
    ]);
    expect(report.baseline?.rows).toEqual([
      { table: 'members', rows: 2 },
      { table: 'teams', rows: 3 },
    ]);
    expect(report.baseline?.custom.map(({ type }) => type)).toEqual(['function', 'trigger', 'view']);
    expect(report.environments.map(({ environment, state }) => `${environment} ${state}`)).toEqual([
      'local ready',
      'staging empty',
      'production ready',
    ]);
    expect(sqlFiles()).toEqual([last]);
    const { state, items } = await statusIn(project, 'production');
    expect(state).toEqual(['current']);
    expect(items.map((item) => item.state)).toEqual(['squashed', 'squashed', 'squashed', 'applied']);
    await migrate('local');
    expect(await Promise.all([everything('local'), everything('production')])).toEqual(before);
    await migrate('staging');
    expect(await contentOf(databases.staging)).toEqual(await contentOf(databases.local));
    await write(
      [...files, ['later', "ALTER TABLE teams ADD colour text; INSERT INTO teams (name) VALUES ('blue');"]],
      'keep',
    );
    await migrate('local');
    await migrate('staging');
    await apply('production');
    const contents = await Promise.all(environmentNames.map((name) => contentOf(databases[name])));
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
  });

  test('is refused by name while an environment is in the middle, which a deploy brings to the one file afterwards', async () => {
    await apply('local');
    await apply('production', tagOf(1));
    const refused = await squashIn(project, { consent: 'given' });
    expect(refused.state).toBe('refused');
    expect(refused.refusals).toEqual([
      expect.stringContaining(
        `production is at ${tagOf(1)}, inside the range: ${tagOf(2)} and 1 more of these`,
      ),
    ]);
    expect(refused.next).toContain(`migrate-tui squash --to ${tagOf(1)}`);
    expect(sqlFiles()).toHaveLength(4);
    await squashIn(project, { consent: 'given', leaveOut: ['production'] });
    expect((await statusIn(project, 'production')).state).toEqual(['behind']);
    expect(await tidyIn(project, 'production', confirmed)).toMatchObject({ code: 'refused' });
    await deployIn(project, 'production');
    expect(await statusIn(project, 'production')).toMatchObject({ state: ['current'], pending: 0 });
    expect(await contentOf(databases.production)).toEqual(await contentOf(databases.local));
    const found = await everything('production');
    await migrate('production');
    expect(await everything('production')).toEqual(found);
  });

  test('is put back whole while nothing was made from the one file, and is not afterwards', async () => {
    await apply('staging');
    const before = folderContent(join(project.root, 'drizzle'));
    await squashIn(project, { consent: 'given' });
    expect(await squashIn(project, { what: 'undo', consent: 'given' })).toMatchObject({ state: 'undone' });
    expect(folderContent(join(project.root, 'drizzle'))).toEqual(before);
    expect(existsSync(join(project.root, 'drizzle.squashed'))).toBe(false);
    await squashIn(project, { consent: 'given' });
    await deployIn(project, 'local');
    expect(await contentOf(databases.local)).toEqual(await contentOf(databases.staging));
    const kept = await squashIn(project, { what: 'undo', consent: 'given' });
    expect(kept.refusals).toEqual([expect.stringContaining(`local: it has the record of ${last} alone`)]);
    await squashIn(project, { what: 'undo', consent: 'given', leaveOut: ['local'] });
    const at = { kind: 'baseline', environment: 'local', database: undefined, at: last, consent } as const;
    expect((await carryOut(project, at)).at(-1)).toMatchObject({ kind: 'done' });
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 4 });
  });

  test('leaves records that become one, and a backup from before or from the middle is understood as well', async () => {
    await apply('local', tagOf(1));
    const middle = await backUp('local');
    await apply('local');
    await squashIn(project, { consent: 'given' });
    await migrate('staging');
    expect(await tidyIn(project, 'local')).toMatchObject({
      kind: 'done',
      message: /^local is tidied: 4 records became 1, as in a database made from the one file/,
    });
    expect(await records('local')).toEqual(await records('staging'));
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 1, pending: 0 });
    await migrate('local');
    expect(await records('local')).toHaveLength(1);
    const restore = {
      kind: 'restore',
      environment: 'local',
      database: undefined,
      tables: undefined,
      consent,
    } as const;
    expect((await carryOut(project, { ...restore, backup: middle })).at(-1)).toMatchObject({ kind: 'done' });
    expect((await statusIn(project, 'local')).state).toEqual(['behind']);
    await deployIn(project, 'local');
    expect(await contentOf(databases.local)).toEqual(await contentOf(databases.staging));
    expect((await statusIn(project, 'local')).state).toEqual(['current']);
  });

  const tagOf = (index: number) => tagIn(line, index);
  const last = tagIn(line, files.length - 1);

  async function write(all: readonly (readonly [name: string, sql: string])[], what: 'all' | 'keep' = 'all') {
    const folder = join(project.root, 'drizzle');
    const migrations = all.map(([, sql], index) => ({ tag: tagIn(line, index), sql }));
    if (what === 'all') {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await writeFiles(
        folder,
        line === 'drizzle-0' ? folder0(migrations, 'postgresql') : folder1(migrations),
      );
      return;
    }
    const { [`meta/_journal.json`]: journal = '', ...others } = folder0(migrations, 'postgresql');
    const more = migrations.slice(files.length);
    if (line === 'drizzle-1') return writeFiles(folder, folder1(more));
    const { entries, ...head }: { entries: readonly { tag: string }[] } = JSON.parse(journal);
    const kept = entries.slice(files.length - 1);
    const added = more.map(({ tag }) => [`${tag}.sql`, others[`${tag}.sql`] ?? ''] as const);
    await writeFiles(folder, {
      ...Object.fromEntries(added),
      'meta/_journal.json': JSON.stringify({ ...head, entries: kept }),
    });
  }

  async function migrate(name: EnvironmentName): Promise<void> {
    await migrateTo(databases[name], join(project.root, 'drizzle'), line);
  }

  /** Without a rehearsal where that may be. */
  async function apply(environment: EnvironmentName, to?: string): Promise<void> {
    if (environment === 'production') return deployIn(project, environment, to);
    const change: Change = {
      kind: 'apply',
      environment,
      selection: { ...selection, to },
      consent,
    };
    expect((await carryOut(project, change)).at(-1)).toMatchObject({ kind: 'done' });
  }

  async function backUp(environment: EnvironmentName): Promise<string> {
    const events = await carryOut(project, {
      kind: 'backup',
      environment,
      databases: undefined,
      tables: undefined,
    });
    const ended = events.at(-1);
    return ended?.kind === 'done' ? (ended.backup ?? '') : '';
  }

  function sqlFiles(): readonly string[] {
    const names = readdirSync(join(project.root, 'drizzle')).filter((name) => name !== 'meta');
    return names.map((name) => name.replace(/\.sql$/, '')).toSorted();
  }

  async function records(name: EnvironmentName): Promise<readonly unknown[]> {
    await using client = await databases[name].connect();
    const { rows } = await client.query(
      'SELECT hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id',
    );
    return rows;
  }

  /** With the records, which no tool may have written again. */
  async function everything(name: EnvironmentName) {
    await using client = await databases[name].connect();
    const { rows } = await client.query('SELECT xmin, m.* FROM drizzle.__drizzle_migrations m ORDER BY id');
    return { ...(await contentOf(databases[name])), records: rows };
  }
});

test('a PostgreSQL history is refused by name for what stands in the way of it, each at once', async () => {
  await using shop = await squashShop(server);
  const { project, databases } = shop;
  for (const [index, [, sql]] of files.entries()) {
    project.add(tagIn('drizzle-0', index), sql.split('\n--> statement-breakpoint\n'));
  }
  project.add('0004_stamps', [
    'CREATE TABLE stamps (id serial PRIMARY KEY, at timestamptz DEFAULT now());',
    'INSERT INTO stamps DEFAULT VALUES;',
  ]);
  await using client = await databases.local.connect();
  await client.query('CREATE TABLE somebodys (id integer)');
  project.configureEnvironment('staging', { targets: { app: 'postgres://nobody@127.0.0.1:1/app' } });
  project.configure({ installations: 'unknown' });
  const report = await squashIn(project, { consent: 'given' });
  expect(report.state).toBe('refused');
  expect(report.refusals).toEqual([
    expect.stringContaining('others install this application'),
    expect.stringMatching(/^Rows of stamps are not the same each time the history runs/),
    expect.stringMatching(/^local: it has 1 object and no record/),
    expect.stringMatching(/^staging did not answer: .*--leave-out staging/),
  ]);
  await client.query('DROP TABLE somebodys');
  project.configure({ installations: 'known' });
  const accepted = [{ table: 'stamps', reason: 'nobody reads it' }];
  const written = await squashIn(project, { consent: 'given', leaveOut: ['staging'], accepted });
  expect(written).toMatchObject({ state: 'written', refusals: [] });
  expect(written.environments.map(({ state }) => state)).toEqual(['empty', 'left-out', 'empty']);
});

const confirmed = { ...consent, confirm: { environment: 'production', hash: undefined } };

function tagIn(line: DrizzleLine, index: number): string {
  const name = files[index]?.[0] ?? 'later';
  return line === 'drizzle-0' ? `000${index}_${name}` : `2025010100000${index}_${name}`;
}
