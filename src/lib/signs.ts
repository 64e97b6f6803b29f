/** The one-cell signs. Each always stands with its word, so that nothing hangs on reading a sign. */
export type Sign = keyof typeof unicodeSigns;
export type Signs = Readonly<Record<Sign, string>>;

/** None of them has an emoji form. */
export const unicodeSigns = {
  done: '✓',
  pending: '○',
  running: '●',
  half: '◐',
  skipped: '↷',
  orphan: '∅',
  differs: '≠',
  failed: '✗',
  unknown: '?',
  finding: '▲',
  changed: '~',
  unrecorded: '◇',
  squashed: '≡',
  cursor: '▸',
  nothing: '·',
  cut: '…',
  masked: '•',
  bar: '━',
  rest: '─',
  rule: '─',
  caret: '▏',
  into: '›',
  from: '‹',
  heavyTop: '┏',
  heavyLine: '━',
  heavySide: '┃',
  heavyEnd: '┗',
  top: '┌',
  side: '│',
  end: '└',
} as const;

/** The same for terminals that cannot draw those, or draw some of them two cells wide. */
export const asciiSigns: Signs = {
  done: '+',
  pending: 'o',
  running: '*',
  half: '%',
  skipped: '}',
  orphan: '0',
  differs: '#',
  failed: 'x',
  unknown: '?',
  finding: '!',
  changed: '~',
  unrecorded: ':',
  squashed: '&',
  cursor: '>',
  nothing: '.',
  cut: '~',
  masked: '*',
  bar: '=',
  rest: '-',
  rule: '-',
  caret: '_',
  into: '/',
  from: '<',
  heavyTop: '+',
  heavyLine: '=',
  heavySide: '|',
  heavyEnd: '+',
  top: '+',
  side: '|',
  end: '+',
};

/**
 * The signs that a terminal can draw: ASCII when asked for, on the Linux console, and where the
 * locale is not UTF-8. Without any locale variable (as on macOS and Windows at times) UTF-8 is taken.
 */
export function signsFor(
  env: Readonly<Record<string, string | undefined>>,
  { ascii }: { readonly ascii: 'asked' | 'as-fits' },
): Signs {
  if (ascii === 'asked' || env['TERM'] === 'linux' || env['TERM'] === 'dumb') return asciiSigns;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale === undefined || /utf-?8/i.test(locale) ? unicodeSigns : asciiSigns;
}
