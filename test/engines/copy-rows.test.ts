import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { copyFileRows } from '../../src/engines/libsql/copy-file.ts';
import { readShape } from '../../src/engines/shape-of.ts';
import { copiedTables, copyRules } from '../../src/operations/copied-rows/copied-tables.ts';
import type { MaskRule } from '../../src/operations/copied-rows/masks.ts';
import { readStructure } from '../../src/schema/structure.ts';
import { asking } from '../../src/sql/statement.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Every value that is masked has this in it, in small letters or large ones.
const mark = 'sent';
const masks = new Map<string, MaskRule>([
  ['*.email', 'hash'],
  ['people.bio', 'hash'],
  ['people.ssn', 'hash'],
  ['people.w', 'hash'],
  ['people.b', 'hash'],
  ['geo.label', 'hash'],
  ['people.gone', 'null'],
]);

test('whatever a schema has, nothing of a masked value comes over with it', async () => {
  await using copied = await copyUnder(masks);
  const { db, bytes } = copied;
  // A full-text index has its words in small letters.
  expect(bytes.toString('latin1').toLowerCase()).not.toContain(mark);
  expect(all(db, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  const [one, two, three] = all(db, 'SELECT *, hex(code) AS code_hex FROM people ORDER BY id');
  const address = /^masked_[0-9a-f]{20}@masked\.invalid$/;
  expect(one).toMatchObject({
    email: expect.stringMatching(address),
    bio: expect.stringMatching(/^masked_/),
  });
  expect(one).toMatchObject({ ssn: expect.any(Number), w: expect.any(Number), gone: null });
  expect(one?.['b']).toHaveLength(16);
  // An empty text and nothing stay what they are; what is no valid text is masked and kept byte by byte.
  expect(two).toMatchObject({ bio: '', b: null });
  expect(three).toMatchObject({ bio: expect.stringMatching(/^masked_/), code_hex: '6B6565700078' });
  expect(all(db, 'SELECT count(*) AS n, count(DISTINCT email) AS d FROM keyed')).toEqual([{ n: 2, d: 1 }]);
});

test('every row is found again by its key, whatever the key is', async () => {
  await using copied = await copyUnder(masks);
  const { db, source } = copied;
  const keys = 'SELECT typeof(k) AS kind, hex(k) AS bytes, typeof(n) AS other, n FROM odd_keys ORDER BY k, n';
  expect(all(db, keys)).toHaveLength(10);
  expect(all(db, keys)).toEqual(all(source, keys));
  expect(all(db, "SELECT k FROM odd_keys WHERE email NOT LIKE 'masked%'")).toEqual([]);
});

test('what repeats a masked column is made anew from the copy', async () => {
  await using copied = await copyUnder(masks);
  const { db } = copied;
  const [person] = all(db, 'SELECT bio FROM people WHERE id = 1');
  for (const table of ['over_table', 'over_view']) {
    const found = all(db, `SELECT bio FROM ${table} WHERE ${table} MATCH ?`, `"${String(person?.['bio'])}"`);
    expect(found).toEqual([{ bio: person?.['bio'] }]);
  }
  expect(all(db, 'SELECT id, minx, label FROM geo')).toEqual([
    { id: 7, minx: 1, label: expect.stringMatching(/^masked_/) },
  ]);
  expect(all(db, 'SELECT docid, email, other FROM older')).toEqual([
    { docid: 4, email: expect.stringMatching(/^masked_/), other: 'kept' },
  ]);
  // It only finds: nothing can be read from it, so nothing of it comes over.
  expect(all(db, 'SELECT count(*) AS n FROM finds_only')).toEqual([{ n: 0 }]);
  // Samples of rows that ANALYZE keeps.
  expect(all(db, "SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'")).toEqual([]);
});

test('where nothing is masked every value is what it was', async () => {
  await using copied = await copyUnder(new Map([['people.gone', 'null']]));
  const rows = 'SELECT id, quote(email), quote(bio), ssn, w, quote(b), quote(code) FROM people ORDER BY id';
  const { db, source } = copied;
  expect(all(db, rows)).toEqual(all(source, rows));
  expect(all(db, "SELECT rowid FROM finds_only WHERE finds_only MATCH 'SENTbio'")).toEqual([{ rowid: 1 }]);
  expect(all(db, 'PRAGMA user_version')).toEqual([{ user_version: 9 }]);
});

const schema = `
  PRAGMA user_version = 9;
  CREATE TABLE people (id integer PRIMARY KEY, email text COLLATE NOCASE UNIQUE, bio text, ssn integer, w real,
    b blob, code text, gone text) STRICT;
  CREATE TABLE keyed (email text, n int, PRIMARY KEY (email DESC, n)) WITHOUT ROWID;
  CREATE TABLE odd_keys (k, n COLLATE NOCASE, email text, PRIMARY KEY (n, k DESC)) WITHOUT ROWID;
  CREATE INDEX odd_keys_by_n ON odd_keys (n);
  CREATE VIRTUAL TABLE geo USING rtree(id, minx, maxx, +label TEXT);
  CREATE VIRTUAL TABLE older USING fts4(email, other);
  CREATE VIRTUAL TABLE finds_only USING fts5(bio, content='');
  CREATE VIRTUAL TABLE over_table USING fts5(bio, content='people', content_rowid='id', prefix='2 3');
  CREATE VIRTUAL TABLE terms USING fts5vocab(over_table, row);
  CREATE VIEW written AS SELECT id, bio FROM people WHERE bio IS NOT NULL;
  CREATE VIRTUAL TABLE over_view USING fts5(bio, content='written', content_rowid='id');
  CREATE INDEX by_start ON people (substr(bio, 1, 20)) WHERE bio <> '';
  CREATE INDEX by_number ON people (ssn, email DESC);
  INSERT INTO people VALUES (1, 'a@SENT.example', 'SENTbio one', 123456789, 1.5, CAST('SENTblob' AS BLOB), '', 'SENT');
  INSERT INTO people VALUES (2, 'b@SENT.example', '', -5, -2.25, NULL, NULL, NULL);
  INSERT INTO people (id, email, bio, code) VALUES (3, CAST(x'53454e54ff00414243' AS TEXT),
    CAST(x'53454e5400ff' AS TEXT), 'keep' || char(0) || 'x');
  INSERT INTO keyed VALUES ('kSENT@x', 1), ('kSENT@x', 2);
  INSERT INTO odd_keys VALUES ('a' || char(0) || 'b', 1, 'SENT'), ('a' || char(0) || 'c', 1, 'SENT'),
    (CAST(x'ff00fe' AS TEXT), 1, 'SENT'), (x'ff00fe', 1, 'SENT'), ('', 1, 'SENT'), (x'', 1, 'SENT'),
    (9007199254740993, 1, 'SENT'), (9007199254740992, 1, 'SENT'), (0.1, 1e300, 'SENT'), ('it''s', 'SeNs', 'SENT');
  INSERT INTO geo VALUES (7, 1, 2, 'SENTlabel');
  INSERT INTO older (docid, email, other) VALUES (4, 'SENT4@x', 'kept');
  INSERT INTO finds_only (rowid, bio) VALUES (1, 'SENTbio one');
  INSERT INTO over_table (over_table) VALUES ('rebuild');
  INSERT INTO over_view (over_view) VALUES ('rebuild');
  ANALYZE;`;

async function copyUnder(rules: ReadonlyMap<string, MaskRule>) {
  const folder = await temporaryFolder();
  const [from, to] = [folder.file('source.db'), folder.file('copy.db')];
  const source = new DatabaseSync(from);
  source.exec(schema);
  const query = asking('sqlite', ({ sql }) => Promise.resolve(source.prepare(sql).all()));
  const structure = await readStructure(query, { bookkeeping: '__drizzle_migrations' });
  const tables = copiedTables(structure, { masks: rules, exclude: [] });
  await copyFileRows(
    {
      from,
      to,
      masking: { rules: copyRules(tables), key: 'ab' },
      shape: await readShape(query),
      source: 'production',
      pageSize: 4096,
    },
    { signal: new AbortController().signal, onProgress: () => {} },
  );
  const db = new DatabaseSync(to);
  return {
    source,
    db,
    bytes: readFileSync(to),
    async [Symbol.asyncDispose]() {
      source.close();
      db.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function all(db: DatabaseSync, sql: string, ...args: readonly string[]) {
  return db
    .prepare(sql)
    .all(...args)
    .map((row) => ({ ...row }));
}
