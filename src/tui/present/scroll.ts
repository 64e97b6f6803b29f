import type { Binding, Context } from '../screen.ts';

/** The keys of a page that is read and has no cursor; `scrolled` answers them. */
export const scrollBindings: readonly Binding<unknown>[] = [
  { keys: ['j', 'down'], action: 'down', label: 'down', help: 'a row down', group: 'move' },
  { keys: ['k', 'up'], action: 'up', label: 'up', help: 'a row up', group: 'move' },
  {
    keys: ['ctrl-d', 'pagedown'],
    action: 'pagedown',
    label: 'down',
    help: 'half a page down',
    group: 'move',
  },
  { keys: ['ctrl-u', 'pageup'], action: 'pageup', label: 'up', help: 'half a page up', group: 'move' },
  { keys: ['g', 'home'], action: 'top', label: 'top', help: 'the beginning', group: 'move' },
  { keys: ['G', 'end'], action: 'end', label: 'end', help: 'the end', group: 'move' },
];

/**
 * The first row to draw after a key, never beyond the last page.
 *
 * @param length rows of the whole page
 */
export function scrolled(top: number, action: string, { rows }: Context, length: number): number {
  return Math.max(0, Math.min(wantedTop(top, action, rows), length - rows + 1));
}

function wantedTop(top: number, action: string, rows: number): number {
  const half = Math.max(1, Math.floor(rows / 2));
  switch (action) {
    case 'down':
      return top + 1;
    case 'up':
      return top - 1;
    case 'pagedown':
      return top + half;
    case 'pageup':
      return top - half;
    case 'top':
    case 'home':
      return 0;
    case 'end':
      return Number.MAX_SAFE_INTEGER;
    default:
      return top;
  }
}
