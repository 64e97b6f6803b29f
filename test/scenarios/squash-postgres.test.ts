import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import type { Change } from '../../src/operations/change.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLinesOnPostgres } from '../support/drizzle-lines-postgres.ts';
import { folderContent } from '../support/folder-content.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { deployIn, squashIn, tidyIn } from '../support/squashing.ts';
import { contentOf } from '../support/squashing-postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const environments = ['local', 'staging', 'production'] as const;
type Name = (typeof environments)[number];

describe.each(['drizzle-0', 'drizzle-1'] as const)('a PostgreSQL history of %s', (line) => {
  let project: SmallProject;
  let databases: Readonly<Record<Name, PostgresDatabase>>;
  let opened: AsyncDisposableStack;

  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    const database = async () => opened.use(await server.createDatabase());
    databases = { local: await database(), staging: await database(), production: await database() };
    project = projectOn(databases);
    await write(files);
  });
  afterEach(async () => {
    project[Symbol.dispose]();
    await opened[Symbol.asyncDispose]();
  });

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
    const contents = await Promise.all(environments.map((name) => contentOf(databases[name])));
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

  async function migrate(name: Name): Promise<void> {
    await using client = await databases[name].connect();
    await drizzleLinesOnPostgres[line](client, { folder: join(project.root, 'drizzle') });
  }

  /** Without a rehearsal where that may be. */
  async function apply(environment: Name, to?: string): Promise<void> {
    if (environment === 'production') return deployIn(project, environment, to);
    const change: Change = {
      kind: 'apply',
      environment,
      selection: { ...selection, to },
      consent,
    };
    expect((await carryOut(project, change)).at(-1)).toMatchObject({ kind: 'done' });
  }

  async function backUp(environment: Name): Promise<string> {
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

  async function records(name: Name): Promise<readonly unknown[]> {
    await using client = await databases[name].connect();
    const { rows } = await client.query(
      'SELECT hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id',
    );
    return rows;
  }

  /** With the records, which no tool may have written again. */
  async function everything(name: Name) {
    await using client = await databases[name].connect();
    const { rows } = await client.query('SELECT xmin, m.* FROM drizzle.__drizzle_migrations m ORDER BY id');
    return { ...(await contentOf(databases[name])), records: rows };
  }
});

const confirmed = { ...consent, confirm: { environment: 'production', hash: undefined } };

function tagIn(line: DrizzleLine, index: number): string {
  const name = files[index]?.[0] ?? 'later';
  return line === 'drizzle-0' ? `000${index}_${name}` : `2025010100000${index}_${name}`;
}

const files: readonly (readonly [name: string, sql: string])[] = [
  [
    'teams',
    `CREATE TYPE mood AS ENUM ('sad');
--> statement-breakpoint
CREATE TABLE teams (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood DEFAULT 'sad');
--> statement-breakpoint
INSERT INTO teams (name) VALUES ('red'), ('it''s\nblue');`,
  ],
  [
    'members',
    `CREATE TABLE members (id serial PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id) ON DELETE CASCADE);
--> statement-breakpoint
INSERT INTO members (team_id) SELECT id FROM teams ORDER BY id;`,
  ],
  [
    'rules',
    `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$;
--> statement-breakpoint
CREATE TRIGGER shouting BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION shout();
--> statement-breakpoint
CREATE VIEW loud AS SELECT name FROM teams WHERE mood = 'sad';
--> statement-breakpoint
ALTER TABLE members ADD CONSTRAINT one_each UNIQUE (team_id);`,
  ],
  ['green', "INSERT INTO teams (name) VALUES ('green');"],
];

/** Three environments on the server, which is also named for what is tried out. */
function projectOn(databases: Readonly<Record<Name, PostgresDatabase>>): SmallProject {
  const project = smallProject('empty', 'postgresql');
  const target = (name: string) => ({ postgres: `env:${name}_URL`, scratch: 'env:SCRATCH_URL' });
  project.configure({
    environments: {
      local: { targets: { app: target('LOCAL') } },
      staging: { targets: { app: target('STAGING') } },
      production: { protected: true, targets: { app: target('PRODUCTION') } },
    },
  });
  return {
    ...project,
    env: {
      ...project.env,
      SCRATCH_URL: server.url('postgres'),
      LOCAL_URL: databases.local.url,
      STAGING_URL: databases.staging.url,
      PRODUCTION_URL: databases.production.url,
    },
  };
}
