import { describe, expect, test } from 'vitest';
import { code, fenced, prose, table } from '../../src/lib/markdown.ts';

describe('text from elsewhere in Markdown', () => {
  test.each([
    { text: 'a | b', written: String.raw`a \| b` },
    {
      text: '*bold* `code` <b> [link](x) ~~gone~~',
      written: String.raw`\*bold\* \`code\` \<b\> \[link\](x) \~\~gone\~\~`,
    },
    { text: 'table __new_users of user_id', written: String.raw`table \_\_new_users of user_id` },
    { text: '# heading', written: String.raw`\# heading` },
    { text: '1. first', written: '&#49;. first' },
    { text: '0.1.0 of R&D &amp; Co', written: String.raw`0.1.0 of R&D \&amp; Co` },
    { text: 'one\nline\u001b[31m', written: String.raw`one␊line␛\[31m` },
    { text: 'turned \u202egniht', written: String.raw`turned \<U+202E\>gniht` },
  ])('$text is written $written', ({ text, written }) => {
    expect(prose(text)).toBe(written);
  });

  test('a name is set as code, and as entities where backticks or a pipe are in it', () => {
    expect(code('orders')).toBe('`orders`');
    expect(code('a\\b*c')).toBe('`a\\b*c`');
    expect(code('a|b')).toBe('<code>a&#124;b</code>');
    expect(code('a`b')).toBe('<code>a&#96;b</code>');
    expect(code(' ')).toBe('<code>&#32;</code>');
    expect(code('')).toBe('<code></code>');
    expect(code('two\nlines')).toBe('`two␊lines`');
  });

  test('a table has a cell for each column whatever the names hold', () => {
    expect(table(['name', 'says'], [[code('a|b'), prose('c|d')]])).toEqual([
      '| name | says |',
      '| --- | --- |',
      String.raw`| <code>a&#124;b</code> | c\|d |`,
    ]);
  });

  test('a block of code ends where it ends, and not at a fence that is in it', () => {
    expect(fenced('sql', ['SELECT 1', '```', 'two\nlines\u0007'])).toEqual([
      '````sql',
      'SELECT 1',
      '```',
      'two',
      'lines␇',
      '````',
    ]);
  });
});
