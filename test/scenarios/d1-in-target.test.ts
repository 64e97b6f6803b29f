import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import type { Evidence } from '../../src/operations/evidence/evidence.ts';
import type { D1Fault } from '../support/d1-faults.ts';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: D1Server;
let database: D1TestDatabase;
let empty: string;
let project: SmallProject;
beforeAll(async () => {
  server = await startD1Server();
  database = server.database('app');
  empty = database.bookmark;
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await database.takeBack(empty);
  project = remoteProject();
  await deploy();
  project.configureEnvironment('staging', { rehearse: 'in-target' });
});
afterEach(() => {
  server.noFault();
  server.batches.kept = 'whole-or-not';
  project[Symbol.dispose]();
});

describe('a rehearsal inside a D1 database', () => {
  test('counts the real rows before and after, and leaves nothing behind', async () => {
    project.add('0002_fewer', [
      'CREATE TABLE notes (id integer PRIMARY KEY, body text, size real, raw blob);',
      "INSERT INTO notes (body, size, raw) VALUES ('a', 1.5, x'00ff'), (NULL, 2, NULL);",
      'DELETE FROM members WHERE team_id = 1;',
    ]);
    const before = await whole();
    const events = await dryRun();
    expect(events.at(-1)).toMatchObject({ kind: 'done', message: expect.stringContaining('was undone') });
    expect(evidenceIn(events)).toMatchObject({
      rehearsal: 'in-target',
      losses: [],
      tables: [
        { table: 'members', rowsBefore: 2, rowsAfter: 1 },
        {
          table: 'notes',
          rowsAfter: 2,
          columns: [{ nonNullAfter: 2 }, { nonNullAfter: 1 }, { nonNullAfter: 2 }, { nonNullAfter: 1 }],
        },
      ],
      unchangedTables: { count: 1, rows: 2 },
    });
    expect(await whole()).toEqual(before);
  });

  test('is one request that runs what the deploy will run, and a deploy goes on from it', async () => {
    project.add('0002_more', ['ALTER TABLE teams ADD city text;', 'UPDATE members SET team_id = 2;']);
    const from = server.requests.length;
    const events = await deploy();
    expect(events.at(-1)).toMatchObject({ kind: 'done', exitCode: 0 });
    const inside = server.requests
      .slice(from)
      .filter(({ sql }) => sql.some((one) => one.includes('__migrate_tui_tally')));
    expect(inside.filter(({ kind }) => kind === 'write')).toHaveLength(1);
    expect(inside[0]?.sql).toContain('UPDATE members SET team_id = 2');
    // What no statement, key or trigger reaches is counted, and not looked at value by value.
    const looks = (table: string) => inside[0]?.sql.filter((sql) => sql.includes(`FROM "${table}"`)) ?? [];
    expect(looks('members').map(looksAtValues)).toEqual([true, true]);
    expect(looks('teams').map(looksAtValues)).toEqual([false, false]);
    expect(await database.run('SELECT count(*) AS n FROM members WHERE team_id = 2')).toEqual([{ n: 2 }]);
  });

  test('reads no row to this machine: what is asked for is counted there', async () => {
    await database.run("INSERT INTO teams (name) VALUES ('a-secret-name')");
    project.add('0002_index', ['CREATE INDEX teams_name ON teams (name);']);
    const answers: string[] = [];
    const fetched = globalThis.fetch;
    globalThis.fetch = async (...asked) => {
      const answer = await fetched(...asked);
      answers.push(await answer.clone().text());
      return answer;
    };
    try {
      expect((await dryRun()).at(-1)).toMatchObject({ kind: 'done' });
    } finally {
      globalThis.fetch = fetched;
    }
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.join()).not.toContain('a-secret-name');
  });

  test('sees on the rows what the structure alone does not show, and names the migration', async () => {
    project.add('0002_letters', [
      "ALTER TABLE teams ADD letter text NOT NULL DEFAULT 'x';",
      'CREATE UNIQUE INDEX teams_letter ON teams (letter);',
    ]);
    const before = await whole();
    expect((await dryRun()).at(-1)).toMatchObject({
      kind: 'failed',
      exitCode: 4,
      code: 'rehearsal-failed',
      message: expect.stringMatching(/0002_letters fails: UNIQUE constraint failed: teams\.letter/),
    });
    expect(await whole()).toEqual(before);
  });

  test('shows rows that a rebuild takes along, and nothing passes without their being accepted', async () => {
    project.add('0002_rebuild', rebuild);
    const before = await whole();
    const [rehearsed, deployed] = [await dryRun(), await deploy()];
    expect(rehearsed.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'rows-lost' });
    expect(evidenceIn(rehearsed)).toMatchObject({ losses: [{ kind: 'rows', table: 'members', rows: 2 }] });
    expect(deployed.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'rows-lost' });
    expect(await whole()).toEqual(before);
  });

  test('shows values that become NULL or another value, where rows and structure stay the same', async () => {
    await database.run(
      'CREATE TABLE nulled (id integer PRIMARY KEY, team integer REFERENCES teams (id) ON DELETE SET NULL)',
      'CREATE TABLE defaulted (id integer PRIMARY KEY, team integer DEFAULT 7 REFERENCES teams (id) ON DELETE SET DEFAULT)',
      "INSERT INTO teams (id, name) VALUES (7, 'seven')",
      'INSERT INTO nulled (team) SELECT id FROM teams',
      'INSERT INTO defaulted (team) SELECT id FROM teams',
    );
    project.add('0002_delete', ['DELETE FROM teams WHERE id = 1;']);
    const evidence = evidenceIn(await dryRun());
    expect(evidence?.losses).toMatchObject([
      { kind: 'values', table: 'defaulted', column: 'team' },
      { kind: 'rows', table: 'members', rows: 1 },
      { kind: 'nulled', table: 'nulled', column: 'team', rows: 1 },
    ]);
  });

  test('takes a value in another storage class for the same value', async () => {
    await database.run(
      'CREATE TABLE odd (id integer PRIMARY KEY, a real, b text, c, d blob)',
      "INSERT INTO odd VALUES (1, 3, '12', 12, x'6162'), (2, -0.5, '', NULL, x''), (3, 1e300, 'ü😀', 'q', zeroblob(10))",
    );
    project.add('0002_retype', [
      'CREATE TABLE __new_odd (id integer PRIMARY KEY, a integer, b text, c text, d text);',
      'INSERT INTO __new_odd SELECT * FROM odd;',
      'DROP TABLE odd;',
      'ALTER TABLE __new_odd RENAME TO odd;',
    ]);
    expect(evidenceIn(await dryRun())).toMatchObject({ losses: [], tables: [] });
  });

  test('follows a table through its names', async () => {
    await database.run(
      'CREATE TABLE old (id integer PRIMARY KEY, a text, b text)',
      "INSERT INTO old VALUES (1, 'x', 'y')",
    );
    project.add('0002_rename', [
      'ALTER TABLE old RENAME TO middle;',
      "UPDATE middle SET a = 'z';",
      'ALTER TABLE middle RENAME TO newest;',
    ]);
    expect(evidenceIn(await dryRun())).toMatchObject({
      losses: [],
      tables: [{ table: 'newest', columns: [{ values: 'kept' }, { values: 'changed' }, { values: 'kept' }] }],
    });
  });

  test('counts what was put off until a commit that never comes: rows that refer to nothing are refused', async () => {
    project.add('0002_orphan', [
      'PRAGMA defer_foreign_keys = ON;',
      'INSERT INTO members (team_id) SELECT id + 100 FROM teams;',
      'PRAGMA defer_foreign_keys = OFF;',
    ]);
    const before = await whole();
    const from = server.requests.length;
    expect((await dryRun()).at(-1)).toMatchObject({
      kind: 'failed',
      code: 'rehearsal-failed',
      message: expect.stringContaining(
        '0002_orphan leaves rows that refer to nothing: 2 rows of members to teams',
      ),
    });
    const sent = server.requests.slice(from).flatMap(({ sql }) => sql);
    expect(sent).toContain('PRAGMA defer_foreign_keys = ON');
    expect(sent).not.toContain('PRAGMA defer_foreign_keys = OFF');
    expect(await whole()).toEqual(before);
  });

  test('asks the verify queries of the migrations about the rows', async () => {
    project.add('0002_index', ['CREATE INDEX teams_name ON teams (name);']);
    // Where wrangler does not look for migrations.
    mkdirSync(join(project.root, 'drizzle.extra'));
    const file = join(project.root, 'drizzle.extra', '0002_index.verify.sql');
    writeFileSync(file, "SELECT * FROM teams WHERE name = 'red'; -- none of them\n");
    expect((await dryRun()).at(-1)).toMatchObject({
      kind: 'failed',
      code: 'rehearsal-failed',
      message: expect.stringContaining('0002_index.verify.sql returned 1 row'),
    });
  });

  test('counts tables and columns without end, whatever they are called', async () => {
    const columns = Array.from({ length: 95 }, (_, at) => `"a somewhat long name, it's ${at}" text`);
    await database.run(
      ...Array.from({ length: 40 }, (_, at) => `CREATE TABLE "wide;'${at}" (${columns.join(', ')})`),
      'INSERT INTO "wide;\'39" ("a somewhat long name, it\'s 94") VALUES (\'x\'), (NULL)',
      'CREATE VIRTUAL TABLE words USING fts5 (word)',
      "INSERT INTO words VALUES ('one'), ('two')",
    );
    project.add('0002_clear', ['DELETE FROM "wide;\'39";']);
    const events = await dryRun();
    expect(evidenceIn(events), JSON.stringify(events.at(-1))).toMatchObject({
      losses: [],
      tables: [{ table: "wide;'39", rowsBefore: 2, rowsAfter: 0 }],
      unchangedTables: { count: 42, rows: 6 },
    });
  }, 60_000);

  test('refuses migrations that are too large for one request, and sends nothing', async () => {
    project.add(
      '0002_large',
      Array.from({ length: 60 }, () => `INSERT INTO teams (name) VALUES ('${'x'.repeat(90_000)}');`),
    );
    const from = server.requests.length;
    expect((await dryRun()).at(-1)).toMatchObject({
      kind: 'failed',
      code: 'rehearsal-failed',
      message: expect.stringContaining('cannot be rehearsed inside it'),
    });
    expect(server.requests.slice(from).some(({ endpoint }) => endpoint === 'import')).toBe(false);
  });

  test('with a token that may only read is refused, and says which one it takes', async () => {
    project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
    const env = { ...project.env, CLOUDFLARE_API_TOKEN: server.readToken };
    const events = await carryOut(
      { ...project, env },
      { kind: 'dry-run', environment: 'staging', selection },
    );
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      code: 'rehearsal-failed',
      next: expect.stringContaining('D1 Edit'),
    });
  });

  test('in an environment that is read-only is done on a copy', async () => {
    project.configureEnvironment('staging', { readOnly: true });
    project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
    const from = server.requests.length;
    expect(evidenceIn(await dryRun())).toMatchObject({ rehearsal: 'full', rows: 'copy' });
    expect(server.requests.slice(from).some(({ kind }) => kind === 'write')).toBe(false);
  });

  test('leaves a libSQL database of the same environment to a rehearsal on its rows', async () => {
    project.configure({
      databases: {
        app: { migrations: 'drizzle', bookkeeping: 'd1' },
        log: { migrations: 'drizzle', bookkeeping: 'drizzle' },
      },
      environments: {
        staging: { rehearse: 'in-target', targets: { app: { d1: 'app' }, log: 'file:log.db' } },
      },
    });
    await deploy();
    project.add('0002_fewer', ['DELETE FROM members WHERE team_id = 1;']);
    const found = (await dryRun()).flatMap((event) =>
      event.kind === 'step-finished' && event.evidence ? [event.evidence] : [],
    );
    expect(found).toMatchObject([
      { database: 'app', rehearsal: 'in-target', tables: [{ rowsBefore: 2, rowsAfter: 1 }] },
      { database: 'log', rehearsal: 'full', rows: 'backup', tables: [{ rowsBefore: 2, rowsAfter: 1 }] },
    ]);
  });
});

describe('before the first rehearsal inside a D1 database', () => {
  test('it is tested that a failing batch leaves nothing, once for each database', async () => {
    project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
    const tests = async () => {
      const from = server.requests.length;
      await dryRun();
      const sent = server.requests.slice(from).flatMap(({ sql }) => sql);
      return sent.filter((sql) => sql.startsWith('CREATE TABLE __migrate_tui_probe')).length;
    };
    expect(await tests()).toBe(1);
    expect(await tests()).toBe(0);
    expect(await isThere('__migrate_tui_probe')).toBe(false);
  });

  test('a server that keeps what ran before the failure is found out, and only the test was sent', async () => {
    project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
    const before = await whole();
    server.batches.kept = 'one-by-one';
    for (const events of [await dryRun(), await dryRun(), await deploy()]) {
      expect(events.at(-1)).toMatchObject({
        kind: 'failed',
        exitCode: 4,
        code: 'rehearsal-failed',
        message: expect.stringContaining('keeps what a failing batch did before it failed'),
        applied: [],
      });
    }
    expect(await whole()).toEqual(before);
  });

  test('a server that begins to keep things after it was tested is found out by what is there', async () => {
    project.add('0002_more', ['CREATE TABLE more (id integer PRIMARY KEY);']);
    await dryRun();
    server.batches.kept = 'one-by-one';
    const last = (await dryRun()).at(-1);
    expect(last).toMatchObject({
      kind: 'failed',
      exitCode: 5,
      code: 'stopped-part-way',
      message: expect.stringContaining('did not undo the rehearsal'),
      next: expect.stringMatching(/^migrate-tui restore staging b\d+ /),
    });
    // It is tested anew, then.
    expect(readdirSync(selfTests())).toEqual([]);
  });
});

describe('D1 fails at a request of a rehearsal inside it: nothing stays, and a run without the fault goes on', () => {
  const faults: Readonly<Record<string, D1Fault>> = {
    'HTTP 503, not carried out': { kind: 'status', status: 503, when: 'before' },
    'HTTP 500, carried out': { kind: 'status', status: 500, when: 'after' },
    'cut, not carried out': { kind: 'cut', when: 'before' },
    'cut, carried out': { kind: 'cut', when: 'after' },
  };

  test.each(Object.entries(faults))(
    '%s',
    async (_, fault) => {
      project.add('0002_fewer', ['DELETE FROM members WHERE team_id = 1;']);
      const before = await whole();
      let met = 0;
      for (let after = 0; ; after += 1) {
        rmSync(selfTests(), { recursive: true, force: true });
        server.fault(fault, { on: 'write', after });
        const last = (await dryRun()).at(-1);
        if (!server.faultWasMet()) break;
        met += 1;
        expect(last, JSON.stringify(last)).toMatchObject({ kind: 'failed', exitCode: 1, applied: [] });
        expect(await whole()).toEqual(before);
      }
      // The test and the rehearsal itself.
      expect(met).toBe(2);
      server.noFault();
      expect((await dryRun()).at(-1)).toMatchObject({ kind: 'done' });
    },
    60_000,
  );

  test('the connection is gone for good after the rehearsal was sent', async () => {
    project.add('0002_fewer', ['DELETE FROM members WHERE team_id = 1;']);
    const before = await whole();
    await dryRun();
    const from = server.requests.length;
    await dryRun();
    const inside = server.requests.slice(from).findIndex(({ kind }) => kind === 'write');
    server.fault({ kind: 'cut', when: 'after' }, { after: inside, times: Infinity });
    expect((await dryRun()).at(-1)).toMatchObject({
      kind: 'failed',
      exitCode: 1,
      code: 'unreachable',
      message: expect.stringContaining('nothing of it stays; nobody could look'),
    });
    server.noFault();
    expect(await whole()).toEqual(before);
  });

  test('somebody else migrates while it is rehearsed', async () => {
    project.add('0002_fewer', ['DELETE FROM members WHERE team_id = 1;']);
    await dryRun();
    server.before('query', async () => {
      await database.run("INSERT INTO d1_migrations (name) VALUES ('somebody.sql')");
    });
    expect((await dryRun()).at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'target-changed' });
  });
});

const looksAtValues = (sql: string) => sql.includes('octet_length');

/** Drizzle's, which takes the rows of members along where foreign keys stay on. */
const rebuild = [
  'PRAGMA foreign_keys=OFF;',
  'CREATE TABLE `__new_teams` (`id` integer PRIMARY KEY, `name` text);',
  'INSERT INTO `__new_teams`("id", "name") SELECT "id", "name" FROM `teams`;',
  'DROP TABLE `teams`;',
  'ALTER TABLE `__new_teams` RENAME TO `teams`;',
  'PRAGMA foreign_keys=ON;',
];

/** Where it is remembered which databases were tested. */
function selfTests(): string {
  const tools = join(project.env['XDG_STATE_HOME'] ?? '', 'migrate-tui');
  return join(tools, readdirSync(tools)[0] ?? '', 'self-tests');
}

async function isThere(table: string): Promise<boolean> {
  return (await database.run(`SELECT 1 FROM sqlite_schema WHERE name = '${table}'`)).length > 0;
}

function remoteProject(): SmallProject {
  const small = smallProject();
  small.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: {
      staging: { rehearse: 'structure', targets: { app: { d1: 'app' } }, timeouts: { connect: '200ms' } },
    },
  });
  return { ...small, env: { ...small.env, ...server.env } };
}

const dryRun = () => carryOut(project, { kind: 'dry-run', environment: 'staging', selection });

const deploy = () => carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });

function evidenceIn(events: readonly RunEvent[]): Evidence | undefined {
  return events.flatMap((event) =>
    event.kind === 'step-finished' && event.evidence ? [event.evidence] : [],
  )[0];
}

/** Everything that is in the database: its objects, and the rows of every table. */
async function whole(): Promise<unknown> {
  const objects = await database.run(
    "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name",
  );
  const rows: Record<string, unknown> = {};
  for (const { type, name } of objects) {
    if (type === 'table') rows[String(name)] = await database.run(`SELECT * FROM "${String(name)}"`);
  }
  return { objects, rows };
}
