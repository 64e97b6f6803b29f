import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitMigration } from '../../src/sql/split.ts';
import { statementPlaces } from '../../src/sql/statement-places.ts';

const placesIn = (text: string) => statementPlaces(text, splitMigration(text));

test('a statement begins at the column of its first letter and ends behind its last', () => {
  expect(placesIn('SELECT 1;  SELECT\n  22;')).toEqual([
    { line: 1, column: 1, endLine: 1, endColumn: 9 },
    { line: 1, column: 12, endLine: 2, endColumn: 5 },
  ]);
});

test('a byte-order mark is no column, and CRLF ends one line', () => {
  expect(placesIn('\uFEFFSELECT 1;\r\n-- more\r\nSELECT 2;\r\n')).toEqual([
    { line: 1, column: 1, endLine: 1, endColumn: 9 },
    { line: 3, column: 1, endLine: 3, endColumn: 9 },
  ]);
});

test('letters of several bytes count as editors count them, in UTF-16 units', () => {
  expect(placesIn("/* 😀é */ SELECT '😀';")).toEqual([{ line: 1, column: 11, endLine: 1, endColumn: 22 }]);
});

test('the same statement twice has two places', () => {
  expect(placesIn('SELECT 1; SELECT 1;').map((place) => place?.column)).toEqual([1, 11]);
});

test('a statement that is not in the text has none', () => {
  expect(statementPlaces('SELECT 1;', [{ sql: 'SELECT 2' }])).toEqual([undefined]);
});

test('whatever a file holds, what stands at a place is the statement', () => {
  const piece = fc.constantFrom(
    'SELECT 1',
    "INSERT INTO t VALUES ('a;\n😀')",
    '\n',
    '\r\n',
    ';',
    ' -- c\n',
    '--> statement-breakpoint\n',
    '\uFEFF',
    '/* x\ny */',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join('');
      const statements = splitMigration(text);
      const lines = text.split('\n');
      lines[0] = lines[0]?.replace(/^\uFEFF/, '') ?? '';
      for (const [index, place] of statementPlaces(text, statements).entries()) {
        const { sql = '', line } = statements[index] ?? {};
        expect(place?.line).toBe(line);
        const rest = [
          lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1),
          ...lines.slice(place?.line),
        ];
        expect(rest.join('\n').startsWith(sql)).toBe(true);
        expect(
          lines[(place?.endLine ?? 0) - 1]
            ?.slice(0, (place?.endColumn ?? 0) - 1)
            .endsWith(sql.split('\n').at(-1) ?? ''),
        ).toBe(true);
      }
    }),
  );
});
