import { createClient } from '@libsql/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { placeOf } from '../support/remote-faults.ts';
import { contentOf, inFile, leaseIn, remoteProject, type RemoteProject } from '../support/remote-project.ts';

let lane: RemoteProject;
/** A backup of everything, with a table of odd values. */
let backup: string;
let start: string;

beforeAll(async () => {
  lane = await remoteProject();
  lane.server.replace(lane.current);
  await change(
    'CREATE TABLE odd (code integer PRIMARY KEY AUTOINCREMENT, body blob, price real, text text, double real AS (price * 2))',
    "INSERT INTO odd (code, body, price, text) VALUES (7, x'00ff', 2.0, ''), (9007199254740993, 'it''s', NULL, char(0x1F600) || char(10) || '--> x'), (-3, 1, 0.1, '0001')",
    'CREATE TABLE pairs (a text, b integer, PRIMARY KEY (a, b)) WITHOUT ROWID',
    "INSERT INTO pairs VALUES ('x', 2), ('x', 1)",
    "CREATE TRIGGER counted AFTER INSERT ON odd BEGIN INSERT INTO pairs VALUES ('made by a trigger', new.code); END",
  );
  backup = String((await run('backup', 'staging')).last?.['backup']);
  start = await snapshot();
});
afterAll(() => lane[Symbol.asyncDispose]());
beforeEach(() => lane.server.replace(start));

async function run(...argv: readonly string[]) {
  return lane.cli.run([...argv, '--json'], placeOf(lane));
}

const restore = (id: string, tables: string) => run('restore', 'staging', id, '--tables', tables, '--yes');

function change(...statements: readonly string[]): Promise<void> {
  return inFile(lane.server.file, ['PRAGMA foreign_keys = OFF', ...statements]);
}

async function snapshot(): Promise<string> {
  const to = `${lane.server.file}.start`;
  await inFile(lane.server.file, [`VACUUM INTO '${to}'`]);
  return to;
}

/** The rows of some tables with their storage classes, as the server's file has them. */
async function rows(...tables: readonly string[]): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${lane.server.file}`, intMode: 'bigint' });
  const found: unknown[] = [];
  for (const table of tables) found.push((await client.execute(`SELECT * FROM ${table}`)).rows.map(typed));
  client.close();
  return found;
}

function typed(row: object): readonly string[] {
  return Object.values(row).map((value) =>
    value instanceof ArrayBuffer
      ? `blob ${Buffer.from(value).toString('hex')}`
      : `${typeof value} ${String(value)}`,
  );
}

describe('a restore of named tables into a server', () => {
  test('puts back exactly their rows, in one request, and leaves the others, the triggers and the lock free', async () => {
    const before = await rows('odd', 'pairs');
    await change(
      'DELETE FROM odd WHERE code = 7',
      "UPDATE odd SET price = 9, text = 'changed'",
      'DELETE FROM pairs',
      "INSERT INTO teams (id, name) VALUES (9, 'late')",
    );
    const others = await rows('teams', 'members', '__drizzle_migrations');
    const asked = lane.server.requests.length;
    expect(await restore(backup, 'odd,pairs')).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(await rows('odd', 'pairs')).toEqual(before);
    expect(await rows('teams', 'members', '__drizzle_migrations')).toEqual(others);
    const filled = lane.server.requests
      .slice(asked)
      .filter(({ sql }) => sql.some((one) => /^INSERT INTO "?odd/.test(one)));
    expect(filled).toHaveLength(1);
    expect(await leaseIn(lane.server.file)).toBeUndefined();
    // The trigger is there again, and fires for whoever writes next.
    await change('INSERT INTO odd (code) VALUES (11)');
    expect((await rows('pairs'))[0]).toContainEqual(['string made by a trigger', 'bigint 11']);
  });

  test('from a partial backup, which restores nothing else', async () => {
    const { last } = await run('backup', 'staging', '--tables', 'pairs');
    await change('DELETE FROM pairs', 'DELETE FROM odd');
    expect(await restore(String(last?.['backup']), 'odd')).toMatchObject({
      exitCode: 2,
      last: { code: 'not-found' },
    });
    expect(await restore(String(last?.['backup']), 'pairs')).toMatchObject({ exitCode: 0 });
    expect((await rows('pairs', 'odd')).map((found) => Object.keys(Object(found)).length)).toEqual([2, 0]);
  });

  test('that would leave a row without its parent is undone whole, and goes with both tables named', async () => {
    await change(
      "INSERT INTO teams (id, name) VALUES (9, 'late')",
      'INSERT INTO members (team_id) VALUES (9)',
    );
    const before = await contentOf(lane.server.file);
    const refused = await restore(backup, 'teams');
    expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'refused' } });
    expect(refused.last?.['message']).toMatch(/rows without their parent.*members/);
    expect(refused.last?.['next']).toContain('--tables');
    expect(await contentOf(lane.server.file)).toBe(before);
    expect(await leaseIn(lane.server.file)).toBeUndefined();
    expect(await restore(backup, 'teams,members')).toMatchObject({ exitCode: 0 });
    expect((await rows('members'))[0]).not.toContainEqual(expect.arrayContaining(['bigint 9']));
  });

  test('while somebody else holds the lock is refused, with their name, before anything changes', async () => {
    await change(
      "UPDATE __migrate_tui_lease SET run = '12.1.elsewhere.x', held_by = 'ana', host = 'kestrel', expires_at = (julianday('now') - 2440587.5) * 86400000 + 50000",
    );
    const before = await contentOf(lane.server.file);
    const refused = await restore(backup, 'odd');
    expect(refused).toMatchObject({ exitCode: 4, last: { code: 'locked' } });
    expect(refused.last?.['message']).toContain('ana@kestrel');
    expect(await contentOf(lane.server.file)).toBe(before);
  });

  test('into a table of another shape is refused before anything changes', async () => {
    await change('ALTER TABLE odd ADD COLUMN late text');
    const before = await contentOf(lane.server.file);
    expect(await restore(backup, 'odd')).toMatchObject({ exitCode: 4, last: { kind: 'failed' } });
    expect(await contentOf(lane.server.file)).toBe(before);
    expect(await leaseIn(lane.server.file)).toBeUndefined();
  });

  test('with more rows than one request takes is refused with the limit, and nothing changes', async () => {
    await change(
      'CREATE TABLE many (n integer PRIMARY KEY)',
      'INSERT INTO many WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 20001) SELECT n FROM c',
    );
    const id = String((await run('backup', 'staging')).last?.['backup']);
    await change('DELETE FROM many WHERE n > 5');
    const refused = await restore(id, 'many');
    expect(refused).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(refused.last?.['message']).toContain('20,000');
    expect((await rows('many'))[0]).toHaveLength(5);
    expect(await leaseIn(lane.server.file)).toBeUndefined();
  });
});
