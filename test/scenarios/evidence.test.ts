import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { program, startProgram, type Line } from '../support/program.ts';
import { copyOf, openTill, shop } from '../support/shop.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(async () => {
  project = smallProject();
  await run('deploy', 'staging', '--yes', '--json');
});
afterEach(() => project[Symbol.dispose]());

const deploy = ['deploy', 'staging', '--yes', '--json'];

describe('a loss that no statement asks for', () => {
  test('DELETE FROM parent that wipes children by cascade is refused with --yes and done with --accept-loss', async () => {
    project.add('0002_clear', ['DELETE FROM teams;']);
    const refused = await run(...deploy);
    expect(refused).toMatchObject({ exitCode: 4, last: { code: 'rows-lost' } });
    expect(refused.last?.['next']).toContain('--accept-loss members=2');
    expect(count('SELECT count(*) FROM members')).toBe(2);
    expect(await run(...deploy, '--accept-loss', 'members=1')).toMatchObject({ exitCode: 4 });
    expect(await run(...deploy, '--accept-loss', 'teams=2')).toMatchObject({ exitCode: 4 });
    expect(count('SELECT count(*) FROM members')).toBe(2);
    expect(await run(...deploy, '--accept-loss', 'members=2')).toMatchObject({ exitCode: 0 });
    expect(count('SELECT count(*) FROM members')).toBe(0);
  });

  test('SET NULL is a loss of values, refused and accepted in the same way', async () => {
    project.add('0002_orders', [
      'CREATE TABLE orders (id integer PRIMARY KEY, team_id integer REFERENCES teams(id) ON DELETE SET NULL);',
      'INSERT INTO orders (team_id) SELECT id FROM teams;',
      'DROP TABLE members;',
    ]);
    await run(...deploy);
    project.add('0003_clear', ['DELETE FROM teams WHERE id = 1;']);
    expect(await run(...deploy)).toMatchObject({ exitCode: 4, last: { code: 'rows-lost' } });
    expect(count('SELECT count(team_id) FROM orders')).toBe(2);
    expect(await run(...deploy, '--accept-loss', 'orders=1')).toMatchObject({ exitCode: 0 });
    expect(count('SELECT count(team_id) FROM orders')).toBe(1);
  });

  test('rows that came after the rehearsal may not go beyond what was accepted: refused and undone', async () => {
    project.add('0002_clear', ['DELETE FROM teams;']);
    const file = await rehearsed();
    change('INSERT INTO members (team_id) VALUES (1)');
    const refused = await run(
      'deploy',
      'staging',
      '--plan',
      file,
      '--yes',
      '--json',
      '--accept-loss',
      'members=2',
    );
    expect(refused).toMatchObject({ exitCode: 4, last: { code: 'rows-lost', applied: [] } });
    expect(count('SELECT count(*) FROM members')).toBe(3);
    expect(count('SELECT count(*) FROM teams')).toBe(2);
  });
});

describe('the rebuild of a table that others refer to', () => {
  test('loses no child by cascade and no value by SET NULL', async () => {
    using place = await shop();
    expect(await program(deploy, at(place))).toMatchObject({ exitCode: 0 });
    using database = new DatabaseSync(join(place.root, 'staging.db'));
    const counted = database.prepare(
      'SELECT (SELECT count(*) FROM members) AS members, (SELECT count(team_id) FROM orders) AS orders, (SELECT count(*) FROM lines) AS lines',
    );
    expect({ ...counted.get() }).toEqual({ members: 2, orders: 400, lines: 400 });
  });
});

describe('an app that inserts rows all through a deploy', () => {
  test('causes no false alarm and loses nothing; a fresh backup holds the rows since the first', async () => {
    using first = await shop();
    using place = copyOf(first);
    const file = join(place.root, 'staging.db');
    await using till = openTill(file);
    await till.sold();
    const { exitCode, lines, last } = await program(deploy, at(place));
    expect(exitCode).toBe(0);
    expect(lines.find(({ kind }) => kind === 'backup-renewed')).toMatchObject({
      backup: 'b2',
      because: 'rows changed after b1 was taken',
    });
    expect(last).toMatchObject({ kind: 'done', backup: 'b2' });
    const sold = await till.close();
    using database = new DatabaseSync(file);
    const codes = new Set(
      database
        .prepare('SELECT code FROM orders')
        .all()
        .map(({ code }) => code),
    );
    expect(sold.filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe('a rehearsed plan', () => {
  beforeEach(() => project.add('0002_more', ['ALTER TABLE teams ADD note text;']));

  test('is carried out when nothing moved, also when rows did', async () => {
    const file = await rehearsed();
    change("INSERT INTO teams (name) VALUES ('green')");
    const { exitCode, lines } = await run('deploy', 'staging', '--plan', file, '--yes', '--json');
    expect(exitCode).toBe(0);
    expect(lines.some(({ kind }) => kind === 'backup-renewed')).toBe(true);
  });

  test.each([
    ["the target's schema", () => change('CREATE INDEX mine ON teams (name)')],
    ["the target's history", () => change('DELETE FROM __drizzle_migrations WHERE _rowid_ = 2')],
    [
      'a pending file',
      () => writeFileSync(join(project.root, 'drizzle/0002_more.sql'), 'ALTER TABLE teams ADD other text;'),
    ],
  ])('is refused when %s changed', async (_what, meanwhile) => {
    const file = await rehearsed();
    meanwhile();
    const before = readFileSync(join(project.root, 'staging.db'));
    const { exitCode, last } = await run('deploy', 'staging', '--plan', file, '--yes', '--json');
    expect({ exitCode, code: last?.['code'] }).toEqual({ exitCode: 4, code: 'target-changed' });
    expect(count("SELECT count(*) FROM pragma_table_info('teams')")).toBe(2);
    expect(before.length).toBeGreaterThan(0);
  });

  test('is refused when the schema changes while it is being confirmed: between the dry-run and the lock', async () => {
    await using deploying = await startProgram(deploy, at(project));
    await deploying.line(({ kind, step }) => kind === 'step-finished' && step === 'dry-run');
    deploying.signal('SIGSTOP');
    change('CREATE TABLE mine (id integer)');
    deploying.signal('SIGCONT');
    expect((await deploying.ended).exitCode).toBe(4);
    expect(deploying.lines.at(-1)).toMatchObject({ code: 'target-changed', applied: [] });
  });
});

test('rows with texts that are no UTF-8 are compared, too: nothing reads them as libSQL would', async () => {
  change("UPDATE teams SET name = CAST(x'4dfffe' AS TEXT) WHERE id = 1");
  project.add('0002_note', ['ALTER TABLE teams ADD note text;', "UPDATE teams SET note = 'x';"]);
  const { exitCode, lines, last } = await run(...deploy);
  expect({ exitCode, last }).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  expect(lines.filter(({ kind }) => kind === 'step-failed')).toEqual([]);
  expect(count("SELECT count(*) FROM teams WHERE hex(name) = '4DFFFE' AND note = 'x'")).toBe(1);
});

test('a verify file and an invariant may read a text that is no UTF-8', async () => {
  change("UPDATE teams SET name = CAST(x'4dfffe' AS TEXT) WHERE id = 1");
  project.configureEnvironment('staging', { invariants: { first: 'SELECT name FROM teams WHERE id = 1;' } });
  project.add('0002_note', ['ALTER TABLE teams ADD note text;']);
  writeFileSync(
    join(project.root, 'drizzle', '0002_note.verify.sql'),
    'SELECT name FROM teams WHERE id = 1;',
  );
  const refused = await run(...deploy);
  expect(refused).toMatchObject({ exitCode: 4, last: { code: 'rehearsal-failed' } });
  expect(JSON.stringify(refused.lines)).toContain('0002_note.verify.sql returned 1 row');
  writeFileSync(
    join(project.root, 'drizzle', '0002_note.verify.sql'),
    'SELECT name FROM teams WHERE id = 9;',
  );
  expect(await run(...deploy)).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
});

test('a schema that is no UTF-8 refuses a deploy, and can still be looked at and backed up', async () => {
  change("CREATE TABLE cities (name TEXT DEFAULT 'Z@rich')");
  const path = join(project.root, 'staging.db');
  writeFileSync(
    path,
    readFileSync(path).map((byte, at, all) => (byte === 0x40 && all[at - 1] === 0x5a ? 0xfc : byte)),
  );
  project.add('0002_note', ['ALTER TABLE teams ADD note text;']);
  const { exitCode, last } = await run(...deploy);
  expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'refused' } });
  expect(last?.['message']).toContain('The definition of the table cities holds the byte 0xfc');
  expect(last?.['next']).toContain('saved as UTF-8');
  expect(await run('backup', 'staging', '--json')).toMatchObject({ exitCode: 0 });
  expect(await run('status', 'staging', '--json')).toMatchObject({ exitCode: 0 });
});

async function rehearsed(): Promise<string> {
  const { lines } = await run('dry-run', 'staging', '--json');
  return String(lines.find(({ kind }: Line) => kind === 'rehearsed')?.['plan']);
}

function run(...args: readonly string[]) {
  return program(args, at(project));
}

function at({ root, env }: { readonly root: string; readonly env: Readonly<Record<string, string>> }) {
  return { cwd: root, env };
}

function count(sql: string): number {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

function change(sql: string): void {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  database.exec(sql);
}
