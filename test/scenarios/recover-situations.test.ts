import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folder0 } from '../support/drizzle-folders.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let odd: OddProject;
beforeEach(() => {
  odd = oddProject(program);
});
afterEach(() => odd[Symbol.dispose]());

const at = (second: number) => 1_700_000_000_000 + second * 1000;
const users = {
  tag: '0000_users',
  sql: 'CREATE TABLE users (id integer PRIMARY KEY, email text);',
  when: at(0),
};
const rooms = { tag: '0001_rooms', sql: 'CREATE TABLE rooms (id integer PRIMARY KEY);', when: at(1) };
const keys = { tag: '0002_keys', sql: 'CREATE TABLE keys (id integer PRIMARY KEY);', when: at(2) };
const breakpoint = '\n--> statement-breakpoint\n';

const records = () => odd.rows('SELECT rowid, hash, created_at FROM __drizzle_migrations ORDER BY rowid');
const tables = async () =>
  (
    await odd.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1",
    )
  ).map(({ name }) => name);

/** Nothing is found any more, and drizzle-orm's own migrator finds nothing to do or complain about. */
async function expectMended(): Promise<void> {
  expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  const before = await records();
  await odd.migrate();
  expect(await records()).toEqual(before);
}

describe('a migration that was merged with an older time than the newest record', () => {
  test('is named as skipped, run on request, and recorded as drizzle-orm would have', async () => {
    await odd.write(folder0([users, keys]));
    await odd.migrate();
    await odd.write(folder0([users, rooms, keys]));
    await odd.migrate();
    expect(await tables()).toEqual(['keys', 'users']);
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'skipped',
        tag: '0001_rooms',
        verdict: 'skipped, and Drizzle 0.x would never run it',
        evidence: [
          'Its time in the journal is 14 Nov 2023 22:13:21 UTC, that of the newest record 14 Nov 2023 22:13:22 UTC (0002_keys).',
        ],
        options: [
          {
            id: 'run-skipped',
            recommended: true,
            allowed: true,
            statements: ['CREATE TABLE rooms (id integer PRIMARY KEY)'],
          },
        ],
      },
    ]);
    const done = await odd.choose('run-skipped');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(await tables()).toEqual(['keys', 'rooms', 'users']);
    expect((await records()).map(({ created_at }) => created_at)).toEqual([at(0), at(2), at(1)]);
    await expectMended();
  });

  test('is not recommended where something that ran after it works on the same table', async () => {
    const more = { tag: '0001_more', sql: 'ALTER TABLE users ADD COLUMN age integer;', when: at(1) };
    const name = { tag: '0002_name', sql: 'ALTER TABLE users ADD COLUMN name text;', when: at(2) };
    await odd.write(folder0([users, name]));
    await odd.migrate();
    await odd.write(folder0([users, more, name]));
    const { cases } = await odd.cases();
    expect(cases).toMatchObject([{ situation: 'skipped', options: [{ recommended: false, allowed: true }] }]);
    expect(cases[0]?.options[0]?.why).toContain('0002_name, which ran already, works on the same tables');
  });

  test('says of one that only changes rows that a schema cannot tell whether they were changed', async () => {
    const fill = { tag: '0001_fill', sql: 'UPDATE users SET email = lower(email);', when: at(1) };
    await odd.write(folder0([users, keys]));
    await odd.migrate();
    await odd.write(folder0([users, fill, keys]));
    const { cases } = await odd.cases();
    expect(cases[0]?.evidence).toContain(
      'It only changes rows: whether somebody did that by hand, a schema cannot tell.',
    );
  });

  test('of two, one has to be named', async () => {
    const teams = { tag: '0001_teams', sql: 'CREATE TABLE teams (id integer PRIMARY KEY);', when: at(1) };
    await odd.write(folder0([users, keys]));
    await odd.migrate();
    await odd.write(folder0([users, rooms, teams, keys]));
    expect(await odd.choose('run-skipped')).toMatchObject({ exitCode: 2, last: { code: 'usage' } });
    expect(await odd.choose('run-skipped', '--only', '0001_teams')).toMatchObject({ exitCode: 0 });
    expect(await tables()).toEqual(['keys', 'teams', 'users']);
    expect((await odd.cases()).cases).toMatchObject([{ situation: 'skipped', tag: '0001_rooms' }]);
  });
});

describe('a file that was edited after it ran', () => {
  const edited = { ...rooms, sql: 'CREATE TABLE rooms (id integer PRIMARY KEY, name text);' };

  test('is named with both hashes, and accepted on request', async () => {
    await odd.write(folder0([users, rooms]));
    await odd.migrate();
    await odd.write(folder0([users, edited]));
    expect((await odd.program('status', 'staging')).stdout).toContain(
      '1 file edited after being applied. migrate-tui recover staging says what differs.',
    );
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'changed',
        tag: '0001_rooms',
        verdict: 'its file was edited after it ran',
        options: [{ id: 'accept-file', recommended: false, allowed: true }],
      },
    ]);
    const [, row] = await records();
    expect(cases[0]?.evidence[0]).toContain(`has hash ${String(row?.['hash']).slice(0, 8)}, the file has `);
    expect(cases[0]?.evidence[1]).toBe('What it was when it ran is in no commit of its file.');
    const done = await odd.choose('accept-file');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    await expectMended();
  });

  test('is looked for in git, and it is said in which statements it differs from what ran', async () => {
    await odd.write(folder0([users, { ...rooms, sql: [rooms.sql, keys.sql].join(breakpoint) }]));
    const commit = commitAll(odd.root);
    await odd.migrate();
    const other = 'CREATE TABLE keys (id integer PRIMARY KEY, value blob);';
    await odd.write(
      folder0([users, { ...rooms, sql: [`-- a remark\n${rooms.sql}`, other].join(breakpoint) }]),
    );
    commitAll(odd.root);
    const { cases } = await odd.cases();
    expect(cases[0]?.evidence[1]).toMatch(new RegExp(`^What ran is the file of commit ${commit} \\(`));
    expect(cases[0]?.evidence[2]).toBe('Statement 2 is not what ran.');
    expect(cases[0]?.options).toMatchObject([{ id: 'accept-file', recommended: false }]);
  });

  test('is compared with what a run of ours kept of it, where git knows nothing', async () => {
    await odd.write(folder0([users, { ...rooms, sql: [rooms.sql, keys.sql].join(breakpoint) }]));
    expect(await odd.program('deploy', 'staging', '--yes', '--json')).toMatchObject({ exitCode: 0 });
    await odd.write(
      folder0([users, { ...rooms, sql: [rooms.sql, keys.sql.replace('id', 'key')].join(breakpoint) }]),
    );
    expect((await odd.cases()).cases[0]?.evidence.slice(1)).toEqual([
      'What ran is in no commit of its file; run 1 kept the hashes of its statements.',
      'Statement 2 is not word for word what ran.',
    ]);
    await odd.write(folder0([users, rooms]));
    expect((await odd.cases()).cases[0]?.evidence.at(-1)).toBe(
      'It had 2 statements then and has 1 now; the first that differs is 2.',
    );
  });

  test('in its comments alone is recommended to be accepted, with git as witness', async () => {
    await odd.write(folder0([users, rooms]));
    commitAll(odd.root);
    await odd.migrate();
    const file = join(odd.root, 'drizzle/0001_rooms.sql');
    writeFileSync(file, `-- where people meet\n${readFileSync(file, 'utf8')}`);
    const { cases } = await odd.cases();
    expect(cases[0]?.evidence[2]).toBe('Only comments or white space differ since.');
    expect(cases[0]?.options).toMatchObject([{ id: 'accept-file', recommended: true }]);
    expect(await odd.choose('accept-file')).toMatchObject({ exitCode: 0 });
    await expectMended();
  });

  test('of two both are accepted at once, or one by its name', async () => {
    await odd.write(folder0([users, rooms]));
    await odd.migrate();
    await odd.write(folder0([{ ...users, sql: `${users.sql} -- a` }, edited]));
    expect(await odd.choose('accept-file', '--only', '0001')).toMatchObject({ exitCode: 0 });
    expect((await odd.cases()).cases.map(({ tag }) => tag)).toEqual(['0000_users']);
    await odd.write(folder0([{ ...users, sql: `${users.sql} -- b` }, rooms]));
    expect(await odd.choose('accept-file')).toMatchObject({ exitCode: 0 });
    await expectMended();
  });

  test('is asked about alone by its name, and a name without a case is said to have none', async () => {
    await odd.write(folder0([users, rooms, keys]));
    await odd.migrate();
    await odd.write(folder0([{ ...users, sql: `${users.sql} -- a` }, edited, keys]));
    const one = await odd.cases('--only', '0001');
    expect(one).toMatchObject({ exitCode: 3, cases: [{ tag: '0001_rooms' }] });
    const said = await odd.program('recover', 'staging', '--only', '0001');
    expect(said.stdout).not.toContain('0000_users: ');
    expect(said.stdout).toContain('Of another migration: migrate-tui recover staging names 1 case more.');
    expect(said.stdout).toContain('migrate-tui recover staging --choose accept-file --only 0001_rooms\n');
    expect(await odd.cases('--only', '0002_keys')).toEqual({ exitCode: 0, cases: [] });
    expect((await odd.program('recover', 'staging', '--only', '2')).stdout).toBe(
      'Nothing of 2 in staging is unfinished or contradicts itself.\nOf other migrations: migrate-tui recover staging names 2 cases.\n',
    );
    const unknown = await odd.program('recover', 'staging', '--only', 'nothing-like-it');
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unknown.stderr).toContain('No migration begins with nothing-like-it');
    expect(await odd.program('recover', 'staging', '--only', '0001', '--report')).toMatchObject({
      exitCode: 2,
    });
  });
});

describe('a record without a file', () => {
  test('is named by its hash with what it left, and removed on request, though never recommended', async () => {
    await odd.write(folder0([users, rooms, keys]));
    await odd.migrate();
    await odd.write(folder0([users, keys]));
    const { exitCode, cases } = await odd.cases();
    const [, lost] = await records();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'orphans',
        tag: String(lost?.['hash']).slice(0, 8),
        verdict: 'recorded, and no such file',
        options: [{ id: 'remove-record', recommended: false, allowed: true }],
      },
    ]);
    expect(cases[0]?.evidence).toContain(
      'What the files that ran do not explain here: table rooms is here and no file makes it.',
    );
    expect(cases[0]?.meaning?.[0]).toContain('Find its file before anything else');
    const done = await odd.choose('remove-record');
    expect(done, done.stdout).toMatchObject({ exitCode: 0 });
    expect(await tables()).toEqual(['keys', 'rooms', 'users']);
    await expectMended();
  });

  test('that left nothing is told from one that did', async () => {
    await odd.write(folder0([users, rooms]));
    await odd.migrate();
    await odd.write(folder0([users]));
    await odd.sql('DROP TABLE rooms');
    expect((await odd.cases()).cases[0]?.evidence).toContain(
      'The schema is exactly what the files that ran make: nothing of it is left there.',
    );
  });

  test('of a time to come is what makes Drizzle skip, and says so', async () => {
    await odd.write(folder0([users, { ...rooms, when: at(99) }]));
    await odd.migrate();
    await odd.write(folder0([users, keys]));
    const { cases } = await odd.cases();
    expect(cases.map(({ situation }) => situation)).toEqual(['skipped', 'orphans']);
    expect(cases[1]?.evidence).toContain(
      'It is the newest record, and because of its time Drizzle 0.x never runs 1 file: 0002_keys.',
    );
    expect(await odd.choose('remove-record')).toMatchObject({ exitCode: 0 });
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate();
    expect(await tables()).toEqual(['keys', 'rooms', 'users']);
  });

  test('of several one is removed by its name, and the others stay', async () => {
    await odd.write(folder0([users, rooms, keys]));
    await odd.migrate();
    await odd.write(folder0([users]));
    const { cases } = await odd.cases();
    expect(cases).toHaveLength(2);
    expect(await odd.choose('remove-record', '--only', cases[1]?.tag ?? '')).toMatchObject({ exitCode: 0 });
    expect((await odd.cases()).cases.map(({ tag }) => tag)).toEqual([cases[0]?.tag]);
    expect(await odd.choose('remove-record')).toMatchObject({ exitCode: 0 });
    await expectMended();
  });
});

describe('a file that was given another time after it ran', () => {
  const fill = { tag: '0001_fill', sql: "INSERT INTO users (email) VALUES ('a@example.com');", when: at(1) };
  const later = { ...fill, tag: '0004_fill', when: at(9) };
  const filled = async () => (await odd.rows('SELECT id FROM users')).length;

  test('is known by its content: a deploy is refused, and its record gets the time of today', async () => {
    await odd.write(folder0([users, fill]));
    await odd.migrate();
    await odd.write(folder0([users, later]));
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'renamed-records',
        tag: '0004_fill',
        verdict: 'recorded under another time or name',
        options: [
          { id: 're-key', recommended: true, allowed: true },
          { id: 'remove-record', recommended: false, allowed: true },
        ],
      },
    ]);
    const deployed = await odd.program('deploy', 'staging', '--yes', '--json');
    expect(deployed).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(deployed.last).toHaveProperty(
      'next',
      expect.stringContaining('migrate-tui recover staging --choose re-key'),
    );
    const done = await odd.choose('re-key');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect((await records()).map(({ created_at }) => created_at)).toEqual([at(0), at(9)]);
    await expectMended();
    expect(await filled()).toBe(1);
  });

  test('runs a second time where that is meant: its record is removed first', async () => {
    await odd.write(folder0([users, fill]));
    await odd.migrate();
    await odd.write(folder0([users, later]));
    expect(await odd.choose('remove-record')).toMatchObject({ exitCode: 0 });
    expect(await odd.program('deploy', 'staging', '--yes', '--json')).toMatchObject({ exitCode: 0 });
    expect(await filled()).toBe(2);
    await expectMended();
  });

  test('is not known where two files or two records have its content, or it has no statement', async () => {
    await odd.write(folder0([users, fill]));
    await odd.migrate();
    await odd.write(folder0([users, later, { ...later, tag: '0005_fill', when: at(10) }]));
    expect((await odd.cases()).cases).toMatchObject([
      {
        situation: 'orphans',
        evidence: expect.arrayContaining(['0004_fill, which has no record, has exactly its content.']),
      },
    ]);
    const empty = { ...keys, sql: '-- put your code below' };
    await odd.write(folder0([users, fill, empty]));
    // libSQL's own client stops at a file without statements.
    expect(await odd.program('deploy', 'staging', '--yes', '--json')).toMatchObject({ exitCode: 0 });
    await odd.write(folder0([users, fill, { ...empty, when: at(9) }]));
    expect((await odd.cases()).cases.map(({ situation }) => situation)).toEqual(['orphans']);
  });
});

test('a whole name means itself alone, though another begins with it', async () => {
  await odd.write(folder0([users, rooms, { ...keys, tag: '0001_rooms_more' }]));
  await odd.migrate();
  await odd.sql('DELETE FROM __drizzle_migrations WHERE rowid > 1');
  expect(await odd.choose('record', '--only', '0001_rooms')).toMatchObject({ exitCode: 0 });
  expect((await odd.cases()).cases.map(({ tag }) => tag)).toEqual(['0001_rooms_more']);
});

describe('a migration that is recorded twice', () => {
  const repeat = (tag: number) =>
    `INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations WHERE created_at = ${at(tag)} LIMIT 1;`;

  test('keeps its oldest record', async () => {
    await odd.write(folder0([users, rooms]));
    await odd.migrate();
    await odd.sql(repeat(0) + repeat(0));
    const before = await records();
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'duplicate-records',
        tag: '0000_users',
        verdict: 'recorded more than once: 1 migration',
        evidence: ['0000_users has 3 records: row 1 stays, rows 3, 4 would go.'],
        options: [{ id: 'remove-duplicates', recommended: true, allowed: true }],
      },
    ]);
    const done = await odd.choose('remove-duplicates');
    expect(done, done.stdout).toMatchObject({ exitCode: 0 });
    expect(await records()).toEqual(before.slice(0, 2));
    await expectMended();
  });

  test('keeps the one of the text that the file has, and is not recommended where rows may have been changed twice', async () => {
    const fill = { ...rooms, sql: [rooms.sql, 'INSERT INTO rooms (id) VALUES (NULL);'].join(breakpoint) };
    await odd.write(folder0([users, fill]));
    await odd.migrate();
    await odd.sql(`${repeat(1)} UPDATE __drizzle_migrations SET hash = 'another' WHERE rowid = 2;`);
    const { cases } = await odd.cases();
    expect(cases).toMatchObject([
      {
        evidence: ['0001_rooms has 2 records: row 3 stays, row 2 would go.'],
        options: [{ id: 'remove-duplicates', recommended: false, allowed: true }],
      },
    ]);
    expect(cases[0]?.meaning?.[1]).toBe(
      'If it ran twice, so did the statements that change rows: 0001_rooms, statement 2.',
    );
    expect(await odd.choose('remove-duplicates')).toMatchObject({ exitCode: 0 });
    await expectMended();
  });
});

describe('a table of a rebuild that nothing explains', () => {
  test('is shown with its rows, and no way out is automatic', async () => {
    await odd.write(folder0([users]));
    await odd.migrate();
    await odd.sql(
      'INSERT INTO users VALUES (1, NULL), (2, NULL); CREATE TABLE __new_users (id); INSERT INTO __new_users VALUES (1); CREATE TABLE __old_gone (id)',
    );
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'left-tables',
        tag: '__new_users',
        evidence: ['__new_users has 1 row.', 'users has 2 rows.'],
        options: [],
      },
      {
        situation: 'left-tables',
        tag: '__old_gone',
        evidence: ['__old_gone has 0 rows.', 'There is no table gone.'],
        options: [],
      },
    ]);
    await odd.sql('DROP TABLE __new_users; DROP TABLE __old_gone');
    await expectMended();
  });

  test('is no case where a migration that is still to run, or one that ran, makes it', async () => {
    const making = { ...rooms, sql: 'CREATE TABLE __new_rooms (id integer PRIMARY KEY);' };
    await odd.write(folder0([users, making]));
    await odd.migrate();
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    const removing = { ...keys, sql: 'DROP TABLE __old_rooms;' };
    await odd.write(folder0([users, making, removing]));
    await odd.sql('CREATE TABLE __old_rooms (id)');
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });
});

/** @returns the short name of the commit */
function commitAll(root: string): string {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'as it is');
  return git('rev-parse', 'HEAD').slice(0, 7);
}
