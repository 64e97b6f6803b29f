import { describe, expect, test } from 'vitest';
import { lostBetweenParts } from '../../../src/sql/postgres/lost-between-parts.ts';

const build = 'CREATE INDEX CONCURRENTLY i ON t (a)';
const lost = (...statements: readonly string[]) => lostBetweenParts(statements.map((sql) => ({ sql })));

describe('the next part of a migration does not meet', () => {
  test.each([
    ['SET search_path TO app', 'search_path'],
    ['SET LOCAL "search_path" = app;', 'search_path'],
    ["SELECT pg_catalog.set_config('search_path', 'app', false)", 'search_path'],
    ["DO $$ BEGIN PERFORM set_config('app.tenant', '1', true); END $$", 'app.tenant'],
    ['DO $$ BEGIN SET search_path TO app; END $$', 'search_path'],
    ["DO 'BEGIN IF true THEN SET LOCAL search_path = app; END IF; END'", 'search_path'],
    ["DO LANGUAGE plpgsql $x$ BEGIN EXECUTE format('SET search_path TO %I', 'app'); END $x$", 'search_path'],
    ['DO $$ BEGIN CREATE TEMP TABLE x (a int); END $$', 'temporary table x'],
    ['SET ROLE owner', 'role'],
    ['SET SESSION AUTHORIZATION owner', 'authorization'],
    ['SET session_replication_role = replica', 'session_replication_role'],
    ["SET TIME ZONE 'UTC'", 'time'],
    ['CREATE TEMP TABLE t AS SELECT 1 AS a', 'temporary table t'],
  ])('what %s leaves', (sql, what) => {
    expect(lost('SELECT 1', sql, build)).toEqual({ statement: 2, what, before: 3 });
  });
});

test('a part in front of an enum value that is used leaves as little', () => {
  const statements = ['SET search_path TO app', "ALTER TYPE r ADD VALUE 'b'", "UPDATE t SET r = 'b'"];
  expect(lost(...statements)).toEqual({ statement: 1, what: 'search_path', before: 3 });
});

test.each([
  ['that ends before', ['SET search_path TO app', 'SELECT 1', 'RESET search_path', build]],
  ['that is set back', ['SET search_path TO app', 'SET search_path TO DEFAULT;', build]],
  ['that all are', ['SET ROLE owner', 'SET search_path TO app', 'RESET ALL', build]],
  ['of the last part', [build, 'SET search_path TO app', 'DELETE FROM t']],
  ['that a block sets back', ['DO $$ BEGIN SET search_path TO app; RESET search_path; END $$', build]],
  ['that is a column of a row', ['DO $$ BEGIN UPDATE t SET role = 1; END $$', build]],
  ['of a limit', ["SET lock_timeout = '5s'", "SET maintenance_work_mem = '1GB'", build]],
  ['of a function', ['CREATE FUNCTION f() RETURNS int SET search_path TO app RETURN 1', build]],
  ['of a column', ['ALTER TABLE t ALTER COLUMN a SET DEFAULT 1', 'UPDATE t SET a = 1', build]],
  ['of a table that is dropped', ['CREATE TEMP TABLE x (a int)', 'DROP TABLE x', build]],
  ['in one transaction', ['SET search_path TO app', 'CREATE INDEX i ON t (a)']],
])('nothing is lost of a setting %s', (_of, statements) => {
  expect(lost(...statements)).toBeUndefined();
});
