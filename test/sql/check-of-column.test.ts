import { DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';
import { describe, expect, test } from 'vitest';
import { checkMayRefuse } from '../../src/sql/check-of-column.ts';
import { meaningfulTokens } from '../../src/sql/tokens.ts';

/** Of a column b that is added to a table with a column a, and that a row is written without. */
const refusing = [
  'b IS NOT NULL',
  'NOT (b IS NULL)',
  'NOT b IS NULL',
  'b IS NOT NULL AND b > 0',
  '(b IS NOT NULL) OR a > 100',
  'b > 0 AND a > 5',
  'a > 5',
  'a BETWEEN b AND 5',
  'a NOT IN (1, b)',
  'coalesce(b, 0) > 0',
  'CASE WHEN b > 0 THEN 1 ELSE 0 END = 1',
  'b IS NOT NULL OR b > 5 AND a > 5',
  '"b" IS NOT NULL',
  'B IS NOT NULL',
];
const passing = [
  'b > 0',
  '(b) > 0',
  'NOT b > 0',
  'b IN (1, 2)',
  'b NOT IN (1, 2)',
  'b BETWEEN 1 AND 5',
  'b BETWEEN 1 AND 5 OR b = 9',
  'b > a',
  'b IS NULL OR a > 100',
  'b IS NULL OR (b > 0 AND b < 10)',
  '((b IS NULL) OR b > 0) AND b < 10',
  'abs(b) > 1',
  'CAST(b AS integer) > 1',
];

describe('a row that is written without the new column', () => {
  test.each(refusing)('may be refused by CHECK (%s), and is', async (check) => {
    expect(mayRefuse(check)).toBe(true);
    expect(refusedBySqlite(check)).toBe(true);
    expect(await refusedByPostgres(check)).toBe(true);
  });

  test.each(passing)('is never refused by CHECK (%s)', async (check) => {
    expect(mayRefuse(check)).toBe(false);
    expect(refusedBySqlite(check)).toBe(false);
    expect(await refusedByPostgres(check)).toBe(false);
  });

  test.each(['b IS 1', 'typeof(b) = 1', "b GLOB 'x*' IS TRUE", 'mine(b)', '1 = 0'])(
    'may be refused by CHECK (%s), which is not looked into',
    (check) => expect(mayRefuse(check)).toBe(true),
  );

  test.each([
    ["b IN ('x', 'y')", false],
    ["b::text COLLATE nocase <> ''", false],
    ['b IS NOT NULL', false],
    ['b > a', true],
    ['a > 5', true],
  ])('with a default that fits is refused by CHECK (%s): %s', (check, refuses) =>
    expect(checkMayRefuse(meaningfulTokens(check), 'b', 'fitting')).toBe(refuses),
  );
});

function mayRefuse(check: string): boolean {
  return checkMayRefuse(meaningfulTokens(check), 'b', 'null');
}

function refusedBySqlite(check: string): boolean {
  const database = new DatabaseSync(':memory:');
  try {
    database.exec(`CREATE TABLE t (a integer); ALTER TABLE t ADD b integer CHECK (${check})`);
    database.exec('INSERT INTO t (a) VALUES (1), (9), (NULL)');
    return false;
  } catch (error) {
    expect(String(error)).toContain('CHECK constraint failed');
    return true;
  } finally {
    database.close();
  }
}

const postgres = await PGlite.create();

async function refusedByPostgres(check: string): Promise<boolean> {
  try {
    await postgres.exec(
      `BEGIN; CREATE TABLE t (a integer); ALTER TABLE t ADD b integer CHECK (${check}); INSERT INTO t (a) VALUES (1), (9), (NULL)`,
    );
    return false;
  } catch (error) {
    expect(String(error)).toContain('violates check constraint');
    return true;
  } finally {
    await postgres.exec('ROLLBACK');
  }
}
