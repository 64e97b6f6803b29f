import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inlined, literalOf } from '../../src/sql/inline.ts';
import type { SqlValue } from '../../src/sql/statement.ts';

const db = new DatabaseSync(':memory:');

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom("'", '"', '?', '-', '\0', '\n', 'é', '🎉', '\ud800', ';', '/*', 'a') }),
  fc.double(),
  fc.double({ min: -1e300, max: 1e-300 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(
    -(2n ** 63n),
    2n ** 63n - 1n,
    5e-324,
    Number.MAX_VALUE,
    Infinity,
    -Infinity,
    NaN,
    0.1 + 0.2,
  ),
  fc.uint8Array(),
  fc.constant(null),
);

describe('a parameter written into the text', () => {
  test('is the value that binding it gives, of the same storage class', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(ask(`SELECT ${literalOf(given)} AS v, typeof(${literalOf(given)}) AS t`)).toEqual(
          ask('SELECT ?1 AS v, typeof(?1) AS t', bound(given)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('is where its question mark was, and touches no text, name or comment', () => {
    fc.assert(
      fc.property(value, value, (first, second) => {
        const sql = `SELECT '?''?' AS "?", ? AS v /* ? */, -- ?\n ?AS w`;
        expect(ask(inlined({ sql, args: [first, second] }))).toEqual(ask(sql, bound(first), bound(second)));
      }),
      { numRuns: 500 },
    );
  });

  test('never grows together with what stands beside it', () => {
    expect(ask(inlined({ sql: 'SELECT 3-? AS v', args: [-2] }))).toEqual([{ v: 5n }]);
    expect(ask(inlined({ sql: "SELECT 'a'||?||'b' AS v", args: ["it's"] }))).toEqual([{ v: "ait'sb" }]);
    expect(ask(inlined({ sql: 'SELECT CASE 1 WHEN?THEN 2 END AS v', args: [1] }))).toEqual([{ v: 2n }]);
  });

  test('is refused when there are more or fewer parameters, or ones with names', () => {
    expect(() => inlined({ sql: 'SELECT ?', args: [1, 2] })).toThrow('1 variables was given 2');
    expect(() => inlined({ sql: 'SELECT ?, ?', args: [1] })).toThrow('2 variables was given 1');
    expect(() => inlined({ sql: 'SELECT :a', args: [1] })).toThrow('parameters');
    expect(() => literalOf(2n ** 63n)).toThrow('64 bits');
  });
});

test('a statement without parameters stays as it is', () => {
  expect(inlined({ sql: "SELECT '?'" })).toBe("SELECT '?'");
});

function ask(sql: string, ...args: (string | bigint | number | null | Uint8Array)[]): unknown {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...args).map((row) => ({ ...row }));
}

/** As the engines bind: a whole number as an integer. Minus zero exists only as a REAL. */
function bound(given: SqlValue): string | bigint | number | null | Uint8Array {
  if (typeof given === 'string') return given.toWellFormed();
  if (typeof given !== 'number') return given;
  return Number.isSafeInteger(given) && !Object.is(given, -0) ? BigInt(given) : given;
}
