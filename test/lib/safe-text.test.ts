import { expect, test } from 'vitest';
import { safe } from '../../src/lib/safe-text.ts';

const one = (text: string) => safe(text, { lines: 'one' });
const many = (text: string) => safe(text, { lines: 'many' });

test('plain text stays as it is', () => {
  expect(one('0014_orders_due_date')).toBe('0014_orders_due_date');
  expect(one('größe, テーブル, ✓ наименование')).toBe('größe, テーブル, ✓ наименование');
  expect(many('SELECT 1;\nSELECT 2;')).toBe('SELECT 1;\nSELECT 2;');
});

test('an escape sequence in a name is shown, and does nothing', () => {
  expect(one('users\x1b[8mhidden\x1b[0m')).toBe('users␛[8mhidden␛[0m');
  expect(one('\x1b]52;c;cm0gLXJm\x07')).toBe('␛]52;c;cm0gLXJm␇');
  expect(one('a\rb\bc\x7fd\x00')).toBe('a␍b␈c␡d␀');
  expect(one('a\u009b31mred')).toBe('a<U+009B>31mred');
});

test('a line feed is kept only where there are many lines', () => {
  expect(one('a\nb')).toBe('a␊b');
  expect(many('ä\r\nb\rc')).toBe('ä\nb␍c');
});

test('text that turns the direction of writing is shown', () => {
  expect(one('drop\u202eelbat')).toBe('drop<U+202E>elbat');
  expect(one('a\u2066b\u2069')).toBe('a<U+2066>b<U+2069>');
});

test('two names that differ by a hidden character look different', () => {
  const hidden = [
    '\u200b',
    '\u200d',
    '\u00ad',
    '\ufeff',
    '\u2028',
    '\u3164',
    '\u00a0',
    '\ue000',
    '\ufe0f',
    '\u{e0041}',
  ];
  for (const character of hidden) {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    expect(one(`us${character}ers`)).toBe(`us<U+${code}>ers`);
  }
});

test('an emoji keeps what joins its parts', () => {
  expect(one('👩‍🔧 ✔️')).toBe('👩‍🔧 ✔️');
});

test('marks that pile up or stand alone are shown', () => {
  expect(one('e\u0301tat')).toBe('e\u0301tat');
  expect(one('\u0301a')).toBe('<U+0301>a');
  expect(one(`a${'\u0301'.repeat(6)}`)).toBe(`a${'\u0301'.repeat(4)}<U+0301><U+0301>`);
});

test('half of a surrogate pair becomes the sign for a broken character', () => {
  expect(one('a\ud800b')).toBe('a\ufffdb');
});

test('a tab reaches to its stop', () => {
  expect(one('a\tb')).toBe('a       b');
  expect(many('\tx\n12345678\ty')).toBe('        x\n12345678        y');
});
