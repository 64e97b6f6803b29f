import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readForeignKeys, referencedTables } from '../../src/schema/foreign-keys.ts';
import { foldName } from '../../src/sql/cursor.ts';
import { quoteText } from '../../src/sql/quote.ts';
import { tableDefinition } from '../../src/sql/table-definition.ts';
import { openMemory } from './open-memory.ts';
import { spell, tableModel, whims } from './spellings.ts';

test('a CREATE TABLE is read as SQLite itself reads it, however it is spelled', async () => {
  await fc.assert(
    fc.asyncProperty(tableModel, whims, async (model, spelling) => {
      await using database = await openMemory([
        'CREATE TABLE parents (id INTEGER PRIMARY KEY)',
        ...spell(model, spelling),
      ]);
      const [row] = await database.query({
        sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('parents', 'sqlite_sequence')",
      });
      const read = tableDefinition(String(row?.['sql']));
      const table = quoteText(String(row?.['name']));
      const columns = await database.query({
        sql: `SELECT name, type, "notnull" FROM pragma_table_xinfo(${table})`,
      });
      expect(read?.columns.map(({ name, type }) => [name, type.toUpperCase()])).toEqual(
        columns.map(({ name, type }) => [name, String(type).toUpperCase()]),
      );
      const keys = await database.query({
        sql: `SELECT "from", "table", on_delete FROM pragma_foreign_key_list(${table})`,
      });
      const ours = await readForeignKeys(database.query);
      expect(ours.map(({ columns, parent, onDelete }) => [columns, parent, onDelete])).toEqual(
        keys.toReversed().map((key) => [
          [key['from']].map((name) =>
            sameSpelling(
              String(name),
              ours.flatMap((each) => each.columns),
            ),
          ),
          key['table'],
          key['on_delete'],
        ]),
      );
    }),
    { numRuns: 100 },
  );
});

/** The pragma gives a column's name as its definition has it, the clause may have other letters. */
function sameSpelling(name: string, spelled: readonly string[]): string {
  return spelled.find((other) => foldName(other) === foldName(name)) ?? name;
}

test('a table that points to itself counts as referenced', async () => {
  await using database = await openMemory([
    'CREATE TABLE C (id INTEGER PRIMARY KEY, p REFERENCES C ON DELETE CASCADE)',
    'CREATE TABLE d (id)',
  ]);
  const keys = await readForeignKeys(database.query);
  expect(keys).toEqual([{ table: 'C', columns: ['p'], parent: 'C', onDelete: 'CASCADE' }]);
  expect([...referencedTables(keys)]).toEqual(['c']);
});
