import { describe, expect, test } from 'vitest';
import { addColumnNotAllowed } from '../../src/rules/add-column-not-allowed.ts';
import { copiesByPosition } from '../../src/rules/copies-by-position.ts';
import { doubleQuotedText } from '../../src/rules/double-quoted-text.ts';
import { dropColumnInUse } from '../../src/rules/drop-column-in-use.ts';
import type { RuleExample } from '../../src/rules/rule.ts';
import { openMemory } from '../schema/open-memory.ts';

async function ran({ given = [], sql }: RuleExample): Promise<void> {
  await using database = await openMemory(given);
  for (const statement of sql) await database.run(statement);
}

describe.each([dropColumnInUse, doubleQuotedText])('$id is right about libSQL', ({ rejects, accepts }) => {
  test.each(rejects.map((example) => [example.sql.join('; '), example] as const))(
    'which refuses %s',
    async (_sql, example) => {
      await expect(ran(example)).rejects.toThrow(/no such column|cannot drop/);
    },
  );

  test.each(accepts.map((example) => [example.sql.join('; '), example] as const))(
    'which takes %s',
    async (_sql, example) => {
      await ran({
        ...example,
        given: [...(example.given ?? []), 'CREATE UNIQUE INDEX key_for_upserts ON t (a)'],
      });
    },
  );
});

test('a column that refers and has a default is refused in a table with rows only', async () => {
  const example = addColumnNotAllowed.rejects.find(({ sql }) => sql.join().includes('REFERENCES'));
  const given = ['PRAGMA foreign_keys=ON', 'CREATE TABLE p (b PRIMARY KEY)', 'CREATE TABLE t (b)'];
  const sql = example?.sql ?? [];
  expect(sql).toHaveLength(1);
  await ran({ given, sql });
  await expect(ran({ given: [...given, 'INSERT INTO t VALUES (1)'], sql })).rejects.toThrow(
    'Cannot add a REFERENCES',
  );
});

test('values land in other columns without an error where they are copied by place', async () => {
  const [{ given = [], sql } = { sql: [] }] = copiesByPosition.rejects;
  await using database = await openMemory([...given, "INSERT INTO t (a, b) VALUES ('was a', 'was b')"]);
  for (const statement of sql) await database.run(statement);
  expect(await database.query({ sql: 'SELECT a, b FROM t' })).toEqual([{ a: 'was b', b: 'was a' }]);
});
