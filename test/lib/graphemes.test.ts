import { expect, test } from 'vitest';
import { graphemesOf } from '../../src/lib/graphemes.ts';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const asIntl = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

test('characters are those of Unicode, joined ones too', () => {
  const texts = [
    '',
    'abc',
    'é',
    'e\u0301a',
    '👩‍👩‍👧 🇩🇪',
    '한국',
    'a\r\nb',
    '✓ 0014…',
    '▶\ufe0f',
    '\u0e01\u0e33',
    'ﷺ\u200d',
  ];
  for (const text of texts) expect(graphemesOf(text)).toEqual(asIntl(text));
});

test('what is taken apart without asking Unicode is what Unicode says, for every pair of characters', () => {
  const ranges = [
    [0x20, 0x7e],
    [0xa0, 0x24f],
    [0x2010, 0x2027],
    [0x2190, 0x27bf],
  ] as const;
  const all = ranges.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at)),
  );
  for (const [step, first] of all.entries()) {
    const text = first + all.map((_, at) => all[(at * 7 + step) % all.length]).join(first);
    expect(asIntl(text).length, first).toBe(text.length);
  }
}, 30_000);
