import measured from 'string-width';
import { expect, test } from 'vitest';
import { asciiSigns, unicodeSigns } from '../../src/lib/signs.ts';
import stringWidth from '../../src/tui/string-width.ts';

const latin = Array.from({ length: 0x2_50 - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
const signs = [...Object.values(unicodeSigns), ...Object.values(asciiSigns)];

test.each([...signs, ...latin])('%j takes as many cells as the package says', (letter) => {
  expect(stringWidth(letter)).toBe(measured(letter));
  expect(stringWidth(`a${letter}b`)).toBe(measured(`a${letter}b`));
});

test.each([
  '\u001B[36m▸\u001B[39m \u001B[2m✓ applied\u001B[22m',
  '\u001B]8;;https://example.org\u0007link\u001B]8;;\u0007 ✓',
  '表 ✓ naïve',
  '▲\uFE0F and 1\uFE0F\u20E3',
  'e\u0301 ✓ \u200B',
  '👩‍👩‍👧 ○',
  'tab\tand\nline',
  '',
])('%j is measured as the package does it', (text) => {
  expect(stringWidth(text)).toBe(measured(text));
});

test('with options it is the package that measures', () => {
  expect(stringWidth('✓…', { ambiguousIsNarrow: false })).toBe(measured('✓…', { ambiguousIsNarrow: false }));
});
