/** Lines of offsets that only grow, from 1, each part of the text looked at once. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (offset) => {
    while (next !== -1 && next < offset) {
      line += 1;
      next = text.indexOf('\n', next + 1);
    }
    return line;
  };
}

/** Where something stands in a text; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The comments above a statement, as written: from the first on a line of its own to the last. One beside the
 * statement before belongs to that.
 */
export function commentAbove(text: string, comments: readonly Span[]): string | undefined {
  const first = comments.find(({ start }) => startsItsLine(text, start));
  return first && text.slice(first.start, comments.at(-1)?.end).trimEnd();
}

function startsItsLine(text: string, offset: number): boolean {
  let at = offset - 1;
  while (at >= 0 && (text.charAt(at) === ' ' || text.charAt(at) === '\t' || text.charAt(at) === '\uFEFF')) {
    at -= 1;
  }
  return at < 0 || text.charAt(at) === '\n';
}
