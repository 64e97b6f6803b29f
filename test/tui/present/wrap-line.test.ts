import { expect, test } from 'vitest';
import { say, textOf } from '../../../src/tui/present/line.ts';
import { partOf, rowsIn } from '../../../src/tui/present/wrap-line.ts';

const broken = (text: string, width: number, most = 9) => {
  const begins = rowsIn(text, width, most);
  return begins.map((begin, row) => textOf(partOf([say(text)], begin, begins[row + 1])));
};

test('a row that is too long goes on in the next, behind a space where there is one', () => {
  expect(broken('CREATE VIEW cheap AS SELECT code FROM orders', 20)).toEqual([
    'CREATE VIEW cheap AS ',
    'SELECT code FROM ',
    'orders',
  ]);
  expect(broken('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(broken('短い名前と長い名前', 6)).toEqual(['短い名', '前と長', 'い名前']);
  expect(broken('fits', 4)).toEqual(['fits']);
  expect(broken('', 4)).toEqual(['']);
});

test('what is behind the last row belongs to it, however long it is', () => {
  expect(broken(`a ${'x'.repeat(5_000_000)}`, 4, 2)).toEqual(['a xx', 'x'.repeat(4_999_998)]);
});

test('a part keeps the tones of its spans', () => {
  const line = [say('SELECT', 'sql.keyword'), say(' code FROM '), say("'x'", 'sql.string')];
  expect(partOf(line, 4, 9)).toEqual([say('CT', 'sql.keyword'), say(' co')]);
  expect(partOf(line, 15)).toEqual([say('M '), say("'x'", 'sql.string')]);
});
