import { expect, test } from 'vitest';
import { asciiSigns, unicodeSigns as signs } from '../../../src/lib/signs.ts';
import { bar, columns, ends, lineWidth, paragraph, rule } from '../../../src/tui/present/layout.ts';
import { say, textOf } from '../../../src/tui/present/line.ts';
import { cutClause, cutEnd, cutMiddle, widthOf, wrapped } from '../../../src/tui/present/width.ts';

test('a figure stays with its unit where a sentence is broken', () => {
  expect(wrapped('3 migrations applied. 414 ms, 75.2 KiB', 25)).toEqual([
    '3 migrations applied.',
    '414 ms, 75.2 KiB',
  ]);
  expect(wrapped('it took 414 ms', 12)).toEqual(['it took', '414 ms']);
  expect(wrapped('made by s and h', 9)).toEqual(['made by s', 'and h']);
});

test('a long name loses its middle and keeps number and end', () => {
  expect(cutMiddle('0014_orders_due_date', 15, signs)).toBe('0014_…_due_date');
  expect(cutMiddle('0014_orders_due_date', 20, signs)).toBe('0014_orders_due_date');
  expect(cutMiddle('ledgerly_production', 9, asciiSigns)).toBe('ledg~tion');
});

test('SQL loses its end', () => {
  expect(cutEnd('CREATE TABLE __new_orders (id integer)', 20, signs)).toBe('CREATE TABLE __new_…');
});

test('columns are exactly as wide as they say, also with wide characters', () => {
  const line = columns(signs, [
    { content: 'テーブル', width: 10 },
    { content: '48,210', width: 9, align: 'right' },
    { content: [say('0014_orders_due_date')], width: 15, cut: 'middle' },
    { content: 'テーブル', width: 6 },
  ]);
  expect(textOf(line)).toBe('テーブル     48,2100014_…_due_dateテー… ');
  expect(lineWidth(line)).toBe(40);
});

test('what stands at the right end is never cut by what stands at the left', () => {
  const line = ends(signs, [say('a sentence that is long')], [say('read 4 s ago')], 24);
  expect(textOf(line)).toBe('a sentence… read 4 s ago');
});

test('a cut says that there was more, also where a tone ends', () => {
  const line = columns(signs, [{ content: [say('SELECT', 'sql.keyword'), say(' 1')], width: 6 }]);
  expect(textOf(line)).toBe('SELEC…');
});

test('a rule carries the titles of the columns below it', () => {
  const line = rule(signs, 40, [
    { at: 3, title: 'rows' },
    { at: 20, title: 'before' },
  ]);
  expect(textOf(line)).toBe('── rows ─────────── before ─────────────');
});

test('a bar stays within its width when time runs over', () => {
  expect(textOf(bar(signs, { share: 0.5, width: 8 }))).toBe('━━━━────');
  expect(textOf(bar(signs, { share: 1.8, width: 8 }))).toBe('━━━━━━━━');
});

test('a sentence is broken between its words', () => {
  expect(wrapped('its 48,210 rows are in __new_orders', 12)).toEqual([
    'its 48,210',
    'rows are in',
    '__new_orders',
  ]);
  expect(wrapped('abcdefghijkl', 5)).toEqual(['abcde', 'fghij', 'kl']);
  expect(paragraph('one two', { width: 8 }).map(textOf)).toEqual(['  one', '  two']);
});

test('a foreign sentence is made safe before it is measured', () => {
  expect(paragraph('a\x1b[2Jb', { width: 40 }).map(textOf)).toEqual(['  a␛[2Jb']);
  expect(widthOf('✓ größe')).toBe(7);
});

test('what is known of a step is cut behind a part of the sentence, never inside a figure', () => {
  const says = 'b1 restored, 3 migrations in 261 ms, order_drafts -312 rows, asked for';
  expect(cutClause(says, 80, signs)).toBe(says);
  expect(cutClause(says, 51, signs)).toBe('b1 restored, 3 migrations in 261 ms…');
  expect(cutClause('schema, rows, foreign keys and integrity against', 44, signs)).toBe(
    'schema, rows, foreign keys and integrity…',
  );
  expect(cutClause('short, ' + 'x'.repeat(60), 40, signs)).toBe(`short, ${'x'.repeat(32)}…`);
  for (const width of [0, 1, 2, 10])
    expect(widthOf(cutClause(says, width, signs))).toBeLessThanOrEqual(width);
});
