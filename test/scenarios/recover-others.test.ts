import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { RecoveryCase } from '../../src/operations/reports.ts';
import { startTool } from '../crash/tool.ts';
import { appMigrate } from '../support/app-migrate.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { kitOverHttp } from '../support/kit-over-http.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['kit', 'whole', 'dropped', 'torn'] });
});
afterAll(() => server[Symbol.asyncDispose]());

const tag = '0002_colour';
const statements = [
  'ALTER TABLE teams ADD colour text;',
  'CREATE INDEX colour_idx ON teams (colour);',
  "UPDATE teams SET colour = 'red';",
];
const rebuild = [
  'PRAGMA foreign_keys=OFF;',
  'CREATE TABLE `__new_teams` (id integer PRIMARY KEY, name text NOT NULL, country text);',
  'INSERT INTO `__new_teams` (id, name) SELECT id, name FROM teams;',
  'DROP TABLE teams;',
  'ALTER TABLE `__new_teams` RENAME TO teams;',
  'PRAGMA foreign_keys=ON;',
];

describe('drizzle-kit over d1-http, which sends a request for each statement', () => {
  // What it writes before the statements of the migration: its table is made again, if needed.
  const before = 1;
  const cases = [
    { after: 1, verdict: 'stopped after statement 1 of 3' },
    { after: 2, verdict: 'schema complete, data unproven' },
    { after: 3, verdict: 'schema complete, data unproven' },
  ];
  test('is told where it stopped, with and without our ledger', { timeout: 120_000 }, async () => {
    using made = smallProject();
    const project = { ...made, env: { ...made.env, ...server.env } };
    const database = server.database('kit');
    project.configure({
      databases: { app: { migrations: 'drizzle', bookkeeping: 'drizzle' } },
      environments: { staging: { targets: { app: { d1: 'kit' } } } },
    });
    const kit = kitOverHttp(project.root, server, 'kit');
    expect(await kit.migrate()).toBe('ok');
    project.add(tag, statements);
    const { bookmark } = database;
    for (const { after, verdict } of cases) {
      await database.takeBack(bookmark);
      server.fault({ kind: 'cut', when: 'before' }, { on: 'write', after: before + after });
      expect(await kit.migrate()).toBe('failed');
      expect(await verdictIn(project), `after ${after}`).toBe(verdict);
    }
    await database.takeBack(bookmark);
    expect(await kit.migrate()).toBe('ok');
    expect(await verdictIn(project)).toBeUndefined();
  });
});

describe('wrangler on a D1 in the cloud', () => {
  test.each([
    {
      what: 'killed before its batch ran leaves nothing',
      database: 'dropped',
      word: 'drop',
      state: 'behind',
    },
    { what: 'killed while its batch ran leaves all of it', database: 'whole', word: 'run', state: 'current' },
  ] as const)(
    '$what, and nothing is to be recovered',
    { timeout: 60_000 },
    async ({ database, word, state }) => {
      using made = smallProject();
      const project = onWrangler(made, database);
      expect(await wrangler(project).ended).toBe(0);
      project.add(tag, statements);
      const arrived = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<'run' | 'drop'>();
      server.fault(
        {
          kind: 'held',
          until: () => {
            arrived.resolve();
            return goOn.promise;
          },
        },
        { on: 'write', after: 1 },
      );
      const killed = wrangler(project);
      await arrived.promise;
      killed.kill();
      await killed.ended;
      goOn.resolve(word);
      expect(await casesIn(project)).toEqual([]);
      expect((await statusIn(project, 'staging')).state).toEqual([state]);
    },
  );

  test(
    'a batch that the service did not keep together is told from the schema',
    { timeout: 60_000 },
    async () => {
      using made = smallProject();
      const project = onWrangler(made, 'torn');
      expect(await wrangler(project).ended).toBe(0);
      project.add(tag, [...statements.slice(0, 2), 'INSERT INTO nowhere VALUES (1);']);
      server.batches.kept = 'one-by-one';
      try {
        expect(await wrangler(project).ended).not.toBe(0);
      } finally {
        server.batches.kept = 'whole-or-not';
      }
      expect(await verdictIn(project)).toBe('stopped after statement 2 of 3');
    },
  );
});

describe('on a libSQL file', () => {
  test('COMMIT in a file that drizzle-orm applied: what stood before it is there', async () => {
    using project = await deployed();
    project.add(tag, [
      statements[0] ?? '',
      'COMMIT;',
      ...statements.slice(1),
      'INSERT INTO nowhere VALUES (1);',
    ]);
    const app = { file: fileOf(project), folder: join(project.root, 'drizzle'), line: 'drizzle-0' } as const;
    expect(await appMigrate(app)).toBe('failed');
    expect(await columnsOf(project, 'teams')).toContain('colour');
    expect(await verdictIn(project)).toBe('stopped after statement 1 or 2 of 5');
  });

  describe('a tool that commits each statement by itself, killed', () => {
    const cases = [
      { of: statements, after: 1, verdict: 'stopped after statement 1 of 3' },
      { of: statements, after: 2, verdict: 'schema complete, data unproven' },
      { of: rebuild, after: 2, verdict: 'stopped after statement 2 or 3 of 6' },
      { of: rebuild, after: 3, verdict: 'stopped after statement 2 or 3 of 6' },
      { of: rebuild, after: 4, verdict: 'stopped after statement 4 of 6' },
      { of: rebuild, after: 5, verdict: 'finished, not recorded' },
    ];
    test.each(cases)('after statement $after: $verdict', async ({ of, after, verdict }) => {
      using project = await deployed();
      project.add(tag, of);
      await using tool = await startTool({ kind: 'libsql', url: `file:${fileOf(project)}` }, of);
      for (let done = 0; done < after; done += 1) expect(await tool.step()).toBe('done');
      tool.signal('SIGKILL');
      await tool.ended;
      expect(await verdictIn(project)).toBe(verdict);
    });
  });

  describe('a person with an SQL shell', () => {
    const cases = [
      {
        what: 'ran the first statement',
        ran: ['ALTER TABLE teams ADD COLUMN colour TEXT'],
        verdict: 'stopped after statement 1 of 3',
      },
      {
        what: 'made the column with another type',
        ran: ['ALTER TABLE teams ADD colour integer'],
        verdict: 'undecided: the schema fits no point of it',
      },
      {
        what: 'ran the second half only',
        ran: ['ALTER TABLE teams ADD colour text', statements[1] ?? '', 'ALTER TABLE teams DROP COLUMN name'],
        verdict: 'schema complete, data unproven',
      },
      {
        what: 'added something else to the same table',
        ran: ['ALTER TABLE teams ADD nickname text'],
        verdict: undefined,
      },
      { what: 'did all of it', ran: statements, verdict: 'schema complete, data unproven' },
    ];
    test.each(cases)('who $what: $verdict', async ({ ran, verdict }) => {
      using project = await deployed();
      project.add(tag, statements);
      const client = createClient({ url: `file:${fileOf(project)}` });
      for (const sql of ran) await client.execute(sql);
      client.close();
      expect(await verdictIn(project)).toBe(verdict);
    });
  });
});

/** What is said of the migration; the same must be said without our ledger. */
async function verdictIn(project: SmallProject): Promise<string | undefined> {
  const said = await casesIn(project);
  rmSync(join(project.root, '.migrate-tui'), { recursive: true, force: true });
  const again = await casesIn(project);
  const verdictOf = (all: readonly RecoveryCase[]) => all.find((one) => one.tag === tag)?.verdict;
  expect(verdictOf(again)).toBe(verdictOf(said));
  expect(said.filter((one) => one.tag !== tag)).toEqual([]);
  return verdictOf(said);
}

async function casesIn(project: SmallProject): Promise<readonly RecoveryCase[]> {
  await using session = await sessionOn(project);
  const report = await session.ask({ kind: 'recovery', environment: 'staging', databases: undefined });
  if (report.kind !== 'recovery') throw new Error(report.kind);
  return report.cases;
}

async function deployed(): Promise<SmallProject> {
  const project = smallProject();
  const events = await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  return project;
}

function fileOf({ root }: SmallProject): string {
  return join(root, 'staging.db');
}

async function columnsOf(project: SmallProject, table: string): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${fileOf(project)}` });
  const { rows } = await client.execute({ sql: 'SELECT name FROM pragma_table_info(?)', args: [table] });
  client.close();
  return rows.map(({ name }) => name);
}

/** A project whose folder wrangler reads, for one of the server's databases. */
function onWrangler(project: SmallProject, database: string): SmallProject {
  const { uuid } = server.database(database);
  const binding = { binding: 'DB', database_name: database, database_id: uuid, migrations_dir: 'drizzle' };
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1: database } } } },
  });
  const config = { name: 'small', compatibility_date: '2026-01-01', d1_databases: [binding] };
  writeFileSync(join(project.root, 'wrangler.json'), JSON.stringify(config));
  return { ...project, env: { ...project.env, ...server.env } };
}

interface Wrangler {
  /** The exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  kill(): void;
}

/** The real wrangler at its work; it is several processes. */
function wrangler({ root, env }: SmallProject): Wrangler {
  const program = join(packageRoot(), 'node_modules/wrangler/bin/wrangler.js');
  const child = spawn(process.execPath, [program, 'd1', 'migrations', 'apply', 'DB', '--remote'], {
    cwd: root,
    env: { ...process.env, ...env, CI: '1', NO_COLOR: '1', HOME: root, WRANGLER_SEND_METRICS: 'false' },
    stdio: 'ignore',
    detached: true,
  });
  return {
    ended: new Promise((resolve) => child.on('close', resolve)),
    kill: () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
}
