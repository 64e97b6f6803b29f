import { describe, expect, test } from 'vitest';
import { driftOf } from '../../../src/operations/drift/drift.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { openMemory } from '../../schema/open-memory.ts';

describe('the two texts of an object as one', () => {
  test('a column that was added at the end is the one line that differs', async () => {
    const lines = await linesOf(
      'CREATE TABLE a (id integer, b text)',
      'CREATE TABLE a (id integer, b text, c text)',
    );
    expect(lines).toEqual([' CREATE TABLE a (', '   id INTEGER,', '   b TEXT,', '+  c TEXT', ' )']);
  });

  test('a column that was taken from the end, too', async () => {
    const lines = await linesOf('CREATE TABLE a (id integer, b text)', 'CREATE TABLE a (id integer)');
    expect(lines).toEqual([' CREATE TABLE a (', '   id INTEGER', '-  b TEXT', ' )']);
  });

  test('a comma inside a text is no comma between columns', async () => {
    const lines = await linesOf(
      "CREATE TABLE a (id integer, b text DEFAULT 'x,\ny')",
      "CREATE TABLE a (id integer, b text DEFAULT 'x\ny')",
    );
    expect(lines).toEqual([
      ' CREATE TABLE a (',
      '   id INTEGER,',
      "-  b TEXT DEFAULT 'x,",
      "+  b TEXT DEFAULT 'x",
      " y'",
      ' )',
    ]);
  });
});

async function linesOf(left: string, right: string): Promise<readonly string[] | undefined> {
  const { objects } = driftOf({
    database: 'app',
    left: await schemaOf(left),
    right: await schemaOf(right),
    ignore: [],
    causeOf: () => undefined,
  });
  expect(objects).toHaveLength(1);
  return objects[0]?.lines;
}

async function schemaOf(sql: string) {
  await using memory = await openMemory([sql]);
  return await readSchema(memory.query);
}
