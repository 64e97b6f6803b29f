import { expect, test } from 'vitest';
import { openLibsqlMemory } from '../../src/engines/libsql/memory.ts';
import type { SqlValue } from '../../src/sql/statement.ts';

const hard: readonly (readonly [string, SqlValue, string])[] = [
  ['a text with a NUL', 'a\0b', "hex(value) = '610062'"],
  ['a fraction', 0.1, 'value = 0.1'],
  ['a negative zero', -0, "typeof(value) = 'real'"],
  ['a number beyond all integers', 1e300, "typeof(value) = 'real'"],
  ['a whole number', 5, "typeof(value) = 'integer'"],
];

test.each(hard)('a record keeps %s', async (_what, value, holds) => {
  await using engine = openLibsqlMemory();
  await engine.unit({
    foreignKeys: 'on',
    statements: [
      { sql: 'CREATE TABLE kept (value)', role: 'migration', number: 1 },
      { sql: 'INSERT INTO kept VALUES (?)', args: [value], role: 'record' },
    ],
  });
  expect(await engine.query({ sql: `SELECT ${holds} AS holds FROM kept` })).toEqual([{ holds: 1 }]);
});
