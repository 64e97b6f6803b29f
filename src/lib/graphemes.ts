/** What a reader takes for one character each: a letter with its accents, an emoji with all that it is joined from. */
export function graphemesOf(text: string): readonly string[] {
  if (oneEach.test(text)) return text.split('');
  // Making it takes longer than all else that a small command does.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** ASCII, Latin letters, punctuation, arrows, lines and signs: nothing in these ranges joins with its neighbour. */
const oneEach = /^[\x20-\x7e\u00a0-\u024f\u2010-\u2027\u2190-\u27bf]*$/;

let segmenter: Intl.Segmenter | undefined;
