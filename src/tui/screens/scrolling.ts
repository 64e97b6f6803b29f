import type { Binding } from '../screen.ts';

/** The keys that move through a list or a text; what moves is the screen's own. */
export const scrollBindings: readonly Binding<unknown>[] = [
  { keys: ['j', 'down'], action: 'down', label: 'down', help: 'one row down', group: 'move' },
  { keys: ['k', 'up'], action: 'up', label: 'up', help: 'one row up', group: 'move' },
  { keys: ['g', 'home'], action: 'first', label: 'first', help: 'the first row', group: 'move' },
  { keys: ['G', 'end'], action: 'last', label: 'last', help: 'the last row', group: 'move' },
  {
    keys: ['ctrl-d', 'pagedown'],
    action: 'page-down',
    label: 'page',
    help: 'half a page down',
    group: 'move',
  },
  { keys: ['ctrl-u', 'pageup'], action: 'page-up', label: 'page', help: 'half a page up', group: 'move' },
];

/** Where a key of the table above leads, from a place in a list; undefined: it is none of them. */
export function scrolled(
  action: string,
  { at, last, page }: { readonly at: number; readonly last: number; readonly page: number },
): number | undefined {
  const to = destination(action, at, last, Math.max(1, Math.floor(page / 2)));
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
}

function destination(action: string, at: number, last: number, half: number): number | undefined {
  switch (action) {
    case 'down':
      return at + 1;
    case 'up':
      return at - 1;
    case 'first':
      return 0;
    case 'last':
      return last;
    case 'page-down':
      return at + half;
    case 'page-up':
      return at - half;
    default:
      return undefined;
  }
}

/** The same for a text that is longer than its rows, drawn by `page`: the first line to draw after a key. */
export function scrolledText(
  action: string,
  { top, lines, rows }: { readonly top: number; readonly lines: number; readonly rows: number },
): number | undefined {
  // The last row says how much there is above and below.
  return scrolled(action, { at: top, last: Math.max(0, lines - rows + 1), page: rows });
}
