import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { failing, inFile, type Failing, type Place } from '../support/failing.ts';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { localFile } from '../support/wrangler.ts';

// What D1 and a libSQL server say in another way than a libSQL file.
let cli: Resident;
beforeAll(() => {
  cli = startResident();
});
afterAll(() => cli[Symbol.asyncDispose]());

const longInsert = (bytes: number) => `INSERT INTO teams (name) VALUES ('${'x'.repeat(bytes)}');`;

describe('a local D1', () => {
  let staging: Failing;
  beforeEach(async () => {
    staging = await failing(cli, localD1);
  });
  afterEach(() => staging[Symbol.asyncDispose]());
  const deploy = () => staging.fail('deploy', 'staging');

  test('rows that a unique index finds twice', async () => {
    await staging.by("INSERT INTO teams (name) VALUES ('red')");
    staging.add('0002_next', 'CREATE UNIQUE INDEX one_name ON teams (name);');
    const failed = await deploy();
    expect(failed).toMatchObject({ exitCode: 4, code: 'rehearsal-failed' });
    expect(failed.why).toContain(
      'UNIQUE constraint failed: teams.name. 2 rows (1 group) of teams share name, which one_name lets each have once.',
    );
    expect(JSON.parse(failed.shown ?? '{}')).toMatchObject({ rows: [{}] });
  });

  test('rows that refer to nothing, where every key is checked at once', async () => {
    await staging.by(
      'CREATE TABLE badges (team integer REFERENCES teams(id))',
      'INSERT INTO badges VALUES (1), (2)',
    );
    staging.add('0002_next', 'DELETE FROM members;', 'DELETE FROM teams;');
    const failed = await deploy();
    expect(failed.why).toContain(
      'FOREIGN KEY constraint failed. It leaves rows that refer to nothing: 2 rows of badges to teams.',
    );
    expect(failed.next).toContain(
      "migrate-tui query staging 'SELECT * FROM badges WHERE team IN (SELECT id FROM teams)' shows them.",
    );
    expect(JSON.parse(failed.shown ?? '{}')).toMatchObject({ rows: [{}, {}] });
  });

  test('NULL where a value must be, and a name that is there already', async () => {
    staging.add('0002_next', 'ALTER TABLE teams ADD colour text NOT NULL;');
    expect((await deploy()).why).toContain('2 rows of teams would have no value in the new column colour.');
    await using other = await failing(cli, localD1);
    await other.by('CREATE TABLE notes (id integer)');
    other.add('0002_next', 'CREATE TABLE fresh (id integer);', 'CREATE TABLE notes (id integer);');
    const taken = await other.fail('deploy', 'staging');
    expect(taken.why).toContain('table notes already exists. No migration that is applied makes notes');
    expect(taken.next).toContain('migrate-tui drift staging');
  });

  test.each([
    ['ATTACH', "ATTACH 'x.db' AS x;", 'That is so in every D1', `Take the statement out of 0002_next`],
    ['a statement that is too long', longInsert(120_000), 'bytes, and D1 takes 100,000', 'Split it'],
    [
      'a table of too many columns',
      `CREATE TABLE wide (${Array.from({ length: 101 }, (_, n) => `c${n} text`).join(', ')});`,
      'A table may have 100 columns in D1',
      'a table of their own',
    ],
    [
      'too many SELECTs in one',
      `CREATE TABLE many AS ${Array.from({ length: 6 }, (_, n) => `SELECT ${n}`).join(' UNION ALL ')};`,
      'D1 joins at most 5 SELECTs',
      'Split it into several statements',
    ],
    [
      'a function that D1 has switched off',
      'UPDATE teams SET name = sqlite_version();',
      'D1 ',
      'Write it without',
    ],
  ])('%s', async (_, sql, why, next) => {
    staging.add('0002_next', sql);
    const failed = await staging.fail('apply', 'staging');
    expect(failed).toMatchObject({ exitCode: 1, code: 'statement-failed' });
    expect(failed.why).toContain(why);
    expect(failed.next).toContain(next);
  });
});

describe('a remote D1', () => {
  let server: D1Server;
  let database: D1TestDatabase;
  let empty: string;
  let staging: Failing;
  beforeAll(async () => {
    server = await startD1Server();
    database = server.database('app');
    empty = database.bookmark;
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    await database.takeBack(empty);
    staging = await failing(cli, remoteD1(server, database));
  });
  afterEach(async () => {
    server.noFault();
    await staging[Symbol.asyncDispose]();
  });

  test('names no statement: the only one that can be meant is found by what the error names', async () => {
    await staging.by("INSERT INTO teams (name) VALUES ('red')");
    staging.add(
      '0002_next',
      'CREATE TABLE fresh (id integer);',
      'CREATE UNIQUE INDEX one_name ON teams (name);',
    );
    const failed = await staging.fail('apply', 'staging');
    expect(failed).toMatchObject({ exitCode: 1, code: 'statement-failed' });
    expect(failed.why).toContain(
      'a statement that the server does not name: UNIQUE constraint failed: teams.name',
    );
    expect(failed.why).toContain('2 rows (1 group) of teams share name');
    expect(JSON.parse(failed.shown ?? '{}')).toMatchObject({ rows: [{}] });
  });

  test('a trigger that the service cuts in two', async () => {
    staging.add(
      '0002_next',
      'CREATE TRIGGER t AFTER INSERT ON teams begin\n  DELETE FROM members WHERE id = 0;\nEND;',
    );
    const failed = await staging.fail('apply', 'staging');
    expect(failed.why).toContain('incomplete input. The text ends in the middle of a statement');
    expect(failed.next).toContain('D1 keeps a trigger whole when its BEGIN and END are in capitals');
  });

  const pending = () => staging.add('0002_next', 'CREATE TABLE fresh (id integer);');
  const unit = { on: 'query', times: Infinity } as const;

  test.each([
    [
      'the token may only read from now on',
      { kind: 'status', status: 403, code: 10_000, when: 'before' } as const,
      'unreachable',
      /refuses the token.* Nothing of it was run\./,
      /D1 Edit/,
    ],
    [
      'too many requests',
      { kind: 'status', status: 429, when: 'before' } as const,
      'busy',
      /did not take 0002_next: .*takes no more requests.* Nothing of it stayed\./,
      /^Wait a few minutes: .* migrate-tui apply staging goes on from here\.$/,
    ],
    [
      'an export of somebody else',
      {
        kind: 'status',
        status: 400,
        message: 'Currently processing a long-running export.',
        when: 'before',
      } as const,
      'busy',
      /did not take 0002_next: .*held by an export/,
      /Wait until the export is through; .* migrate-tui apply staging goes on from here\.$/,
    ],
  ])('%s, when the migration is sent', async (_, fault, code, why, next) => {
    pending();
    // The requests before it take the lock.
    server.before('query', async () => server.before('query', async () => server.fault(fault, unit)));
    const failed = await staging.fail('apply', 'staging');
    expect(failed).toMatchObject({ exitCode: 1, code });
    expect(failed.why).toMatch(why);
    expect(failed.next).toMatch(next);
  });
});

describe('a libSQL server', () => {
  let server: HranaServer;
  let staging: Failing;
  beforeEach(async () => {
    const folder = await temporaryFolder();
    const file = folder.file('served.db');
    inFile(file, ['PRAGMA journal_mode = WAL']);
    server = await startHranaServer({ file });
    staging = await failing(cli, {
      configure: (project) =>
        project.configure({ environments: { staging: { targets: { app: server.url } } } }),
      by: async (_, statements) => inFile(file, statements),
    });
  });
  afterEach(async () => {
    await staging[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('names the statement, and its rows are counted like those of a file', async () => {
    await staging.by("INSERT INTO teams (name) VALUES ('red')");
    staging.add('0002_next', 'CREATE UNIQUE INDEX one_name ON teams (name);');
    for (const command of ['deploy', 'apply']) {
      const failed = await staging.fail(command, 'staging');
      expect(failed.why, command).toContain(
        'UNIQUE constraint failed: teams.name. 2 rows (1 group) of teams share name, which one_name lets each have once.',
      );
      expect(JSON.parse(failed.shown ?? '{}')).toMatchObject({ rows: [{}] });
    }
  });

  test('rows that refer to nothing, told at its commit', async () => {
    staging.add(
      '0002_next',
      'CREATE TABLE fresh (id integer);',
      'INSERT INTO members (team_id) SELECT id + 7 FROM teams;',
    );
    const rehearsed = await staging.fail('deploy', 'staging');
    expect(rehearsed.why).toContain(
      'Statement 2 leaves rows that refer to nothing: 2 rows of members to teams.',
    );
    const applied = await staging.fail('apply', 'staging');
    expect(applied.why).toContain('It leaves rows that refer to nothing (members refers to teams).');
    expect(JSON.parse(applied.shown ?? '{}')).toMatchObject({ rows: [{}, {}] });
  });
});

const localId = '11111111-2222-3333-4444-555555555555';

const localD1: Place = {
  configure: (project) => {
    const database = {
      binding: 'DB',
      database_name: 'small',
      database_id: localId,
      migrations_dir: 'drizzle',
    };
    writeFileSync(
      join(project.root, 'wrangler.json'),
      JSON.stringify({ name: 'small', compatibility_date: '2026-01-01', d1_databases: [database] }),
    );
    project.configure({
      databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
      environments: { staging: { targets: { app: { d1Local: 'DB' } } } },
    });
  },
  by: async ({ root }, statements) => inFile(localFile(root, localId), statements),
};

function remoteD1({ env }: D1Server, database: D1TestDatabase): Place {
  return {
    configure: (project) =>
      project.configure({
        databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
        environments: { staging: { targets: { app: { d1: 'app' } } } },
      }),
    env,
    by: async (_, statements) => void (await database.run(...statements)),
  };
}
