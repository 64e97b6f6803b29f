import { describe, expect, test } from 'vitest';
import type { Migration } from '../../src/migrations/migration.ts';
import type { Failure } from '../../src/operations/causes/failure.ts';
import { writtenRows, selectFrom } from '../../src/operations/causes/written-rows.ts';
import { explainError } from '../../src/operations/explain-error.ts';
import type { HistoryItem } from '../../src/operations/history/history.ts';
import { sketchOf, sketched } from '../../src/schema/sketch.ts';
import type { Schema } from '../../src/schema/schema.ts';

// What the engines say to whole runs is in `scenarios/error-to-next-step`; here is what no test can make them say.

describe('the disk', () => {
  test.each(['SQLITE_IOERR_WRITE', 'SQLITE_CANTOPEN'])('%s is not the fault of the file', (code) => {
    const found = explainError(failing('CREATE TABLE t (a);', { code, message: 'disk I/O error' }));
    expect(found).toMatchObject({
      kind: 'known',
      cause: {
        why: 'Neither the file nor the statement is at fault',
        next: 'Check the disk and the permissions of the folder; migrate-tui verify staging checks the database; then migrate-tui deploy staging goes on from here.',
      },
    });
  });
});

test('where the environment has several databases, every command names the one that is meant', () => {
  const failure = failing('CREATE TABLE teams (id integer);', {
    message: 'table teams already exists',
    database: 'auth',
  });
  expect(explainError(failure)).toMatchObject({
    cause: {
      next: 'migrate-tui baseline staging --database auth names the place of the history that its schema is, and with --at TAG writes the records up to there.',
    },
  });
});

test('a folder that was made anew over a database in use: no file belongs to a record, and recover puts that right', () => {
  const orphan: HistoryItem = {
    kind: 'orphan',
    entry: { rowid: 1, hash: 'h', createdAt: 1 },
  };
  const failure = failing('CREATE TABLE teams (id integer);', { message: 'table teams already exists' });
  expect(explainError({ ...failure, history: [orphan, orphan, ...failure.history] })).toMatchObject({
    cause: {
      why: 'staging has 2 records, and no file of this folder belongs to any of them: the folder was made anew over a database that is in use',
      next: expect.stringContaining('migrate-tui recover staging compares the schema with the files'),
    },
  });
});

test('an error that nothing is known of is left as it is', () => {
  expect(explainError(failing('SELECT 1', { message: 'something new' }))).toBeUndefined();
});

describe('the rows that a statement writes, read from where they come from', () => {
  test.each([
    [
      'INSERT INTO t (a, b) SELECT id, name FROM teams WHERE id > 1',
      'b',
      'SELECT name FROM teams WHERE (id > 1) AND 1',
    ],
    [
      'INSERT INTO `t`(`a`, `b`) SELECT `id`, coalesce("name", 0) AS n FROM `teams`;',
      'b',
      'SELECT coalesce(name, 0) FROM teams WHERE 1',
    ],
    [
      'INSERT INTO t (a, b) SELECT DISTINCT m.id, teams.name FROM members m JOIN teams USING (id) ORDER BY 1',
      'b',
      'WITH written(a, b) AS (SELECT DISTINCT m.id, teams.name FROM members m JOIN teams USING (id) ORDER BY 1) SELECT b FROM written WHERE 1',
    ],
    [
      'INSERT INTO teams SELECT * FROM members',
      'name',
      'WITH written(id, name) AS (SELECT * FROM members) SELECT name FROM written WHERE 1',
    ],
    [
      'UPDATE OR FAIL teams SET name = upper(name), id = 2 WHERE id IN (1, 2)',
      'name',
      'SELECT upper(name) FROM teams WHERE (id IN (1, 2)) AND 1',
    ],
    [
      'CREATE UNIQUE INDEX i ON "order" (name) WHERE id > 3;',
      'name',
      'SELECT name FROM "order" WHERE (id > 3) AND 1',
    ],
  ])('%s', (sql, column, selected) => {
    const rows = writtenRows(failing(sql, { message: '' }));
    expect(rows && selectFrom(rows, rows.value(column) ?? '', '1')).toBe(selected);
  });

  test.each([
    'INSERT INTO t (a) VALUES (1), (2)',
    'UPDATE teams SET (id, name) = (1, 2)',
    'UPDATE teams SET name = m.name FROM members m WHERE m.id = teams.id',
    'INSERT INTO t (a) SELECT id FROM teams WHERE true ON CONFLICT DO NOTHING',
    'DELETE FROM teams',
  ])('none where reading the text is not enough: %s', (sql) => {
    expect(writtenRows(failing(sql, { message: '' }))).toBeUndefined();
  });
});

function failing(
  sql: string,
  { code = 'SQLITE_ERROR', message, database }: { code?: string; message: string; database?: string },
): Failure {
  const text = 'CREATE TABLE teams (id integer PRIMARY KEY, name text)';
  const schema: Schema = {
    objects: [{ type: 'table', name: 'teams', table: 'teams', normal: text, display: text }],
  };
  const migration: Migration = {
    tag: '0001_next',
    hash: '',
    when: 1,
    file: 'drizzle/0001_next.sql',
    statements: [{ sql, line: 1 }],
  };
  return {
    code,
    message,
    environment: 'staging',
    again: `migrate-tui deploy staging${database === undefined ? '' : ` --database ${database}`}`,
    database,
    dialect: 'libsql',
    migration,
    number: 1,
    sql,
    schema,
    sketch: sketched(sketchOf(schema, []), ''),
    history: [{ kind: 'pending', migration }],
    ranBefore: new Set(),
  };
}
