import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { everyFile } from '../support/every-file.ts';
import { placeOf } from '../support/remote-faults.ts';
import { contentOf, inFile, remoteProject, type RemoteProject } from '../support/remote-project.ts';

let lane: RemoteProject;
beforeEach(async () => {
  lane = await remoteProject();
  lane.project.configure({
    environments: {
      local: { targets: { app: 'file:local.db' } },
      staging: { targets: { app: lane.server.url } },
    },
  });
});
afterEach(() => lane[Symbol.asyncDispose]());

const resync = (...more: readonly string[]) =>
  lane.cli.run(['resync', 'local', '--from', 'staging', '--yes', '--json', ...more], placeOf(lane));

test('a local file takes what a database on a server has', async () => {
  const { exitCode, last, stdout } = await resync();
  expect(exitCode, stdout).toBe(0);
  expect(last).toMatchObject({
    kind: 'done',
    message: expect.stringContaining('local has what staging has'),
  });
  expect(await contentOf(join(lane.project.root, 'local.db'))).toBe(lane.currentContent);
  expect((await lane.cli.run(['status', 'local', '--check'], placeOf(lane))).exitCode).toBe(0);
});

test('what is masked on the way from a server is nowhere on the disk, and its index is made anew', async () => {
  lane.project.configure({ masks: { 'people.email': 'hash', 'people.phone': 'null', 'people.key': 'hash' } });
  await inFile(lane.server.file, [
    'CREATE TABLE people (id integer PRIMARY KEY, email text UNIQUE, phone text, n integer, key blob, v text AS (upper(email)))',
    `INSERT INTO people (email, phone, n, key) WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 9000)
      SELECT 'person' || n || '@real.example', '+49 30 ' || n, 9007199254740993, CAST('key' || n || '@real.example' AS BLOB) FROM i`,
    "CREATE VIRTUAL TABLE found USING fts5(email, content='people', content_rowid='id')",
    "INSERT INTO found (found) VALUES ('rebuild')",
    'CREATE VIRTUAL TABLE own USING fts5(email)',
    'INSERT INTO own (rowid, email) SELECT id, email FROM people',
    'CREATE TABLE keyed (email text PRIMARY KEY) WITHOUT ROWID',
  ]);
  const { exitCode, stdout } = await resync('--exclude', 'notes');
  expect(exitCode, stdout).toBe(0);
  const local = createClient({ url: `file:${join(lane.project.root, 'local.db')}`, intMode: 'bigint' });
  const of = async (sql: string) => ({ ...(await local.execute(sql)).rows[0] });
  expect(
    await of(
      'SELECT count(*) AS n, count(DISTINCT email) AS d, count(phone) AS p, max(n) AS big FROM people',
    ),
  ).toEqual({ n: 9000n, d: 9000n, p: 0n, big: 9007199254740993n });
  expect(await of('SELECT typeof(key) AS t, length(key) AS n FROM people')).toEqual({ t: 'blob', n: 16n });
  for (const table of ['found', 'own']) {
    expect(await of(`SELECT count(*) AS n FROM ${table} WHERE ${table} MATCH 'real'`)).toEqual({ n: 0n });
    expect(await of(`SELECT count(*) AS n FROM ${table} WHERE ${table} MATCH 'invalid'`)).toEqual({
      n: 9000n,
    });
  }
  expect(await of('SELECT count(*) AS n FROM notes')).toEqual({ n: 0n });
  local.close();
  const files = await everyFile(join(lane.project.root, '..'));
  const holding = files.filter(({ bytes }) => bytes.includes('@real.example') || bytes.includes('+49 30'));
  expect(holding.map(({ path }) => path)).toEqual([]);
});

test('a connection that is cut while rows stream leaves local as it was', async () => {
  const file = join(lane.project.root, 'local.db');
  lane.project.configure({ masks: { 'teams.name': 'hash' } });
  await inFile(lane.server.file, [
    `INSERT INTO notes (body) WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 30000)
      SELECT hex(randomblob(40)) FROM i`,
  ]);
  const begun = lane.server.requests.length;
  expect((await resync()).exitCode).toBe(0);
  await inFile(file, ["INSERT INTO notes (body) VALUES ('mine')"]);
  const before = await contentOf(file);
  // Two pages of this table had come by then.
  const streaming = ({ sql }: { readonly sql: readonly string[] }) =>
    sql.some((text) => /FROM "notes" WHERE \(rowid\)/.test(text));
  const second = lane.server.requests.slice(begun).findIndex(streaming) + 1;
  expect(second).toBeGreaterThan(1);
  lane.server.fault({ kind: 'cut', times: 1000 }, { after: second });
  const { exitCode, last } = await resync();
  lane.server.fault({ kind: 'none' });
  expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { kind: 'failed', code: 'unreachable' } });
  expect(await contentOf(file)).toBe(before);
  expect((await resync()).exitCode).toBe(0);
});
