import { expect, test } from 'vitest';
import { jsonLike } from '../../src/lib/json-layout.ts';

const value = { entries: [{ tag: '0000_a' }] };

test.each([
  ['as drizzle-kit leaves it', JSON.stringify(value, null, 2)],
  ['with a line end at the end, as formatters want it', `${JSON.stringify(value, null, 2)}\n`],
  ['indented by tabs', `${JSON.stringify(value, null, '\t')}\n`],
  ['with the line ends of Windows', `${JSON.stringify(value, null, 4)}\n`.replaceAll('\n', '\r\n')],
])('a JSON file that is written again keeps its layout: %s', (_, text) => {
  expect(jsonLike(text, JSON.parse(text))).toBe(text);
});

test('a new one is laid out as drizzle-kit does', () => {
  expect(jsonLike(undefined, value)).toBe(JSON.stringify(value, null, 2));
});
