import type { DriftObject } from '../../../operations/reports.ts';
import type { Context } from '../../screen.ts';
import type { DriftState } from './state.ts';
import type { TextForm } from './text.ts';

/** Where the list and the text stand, in cells. */
export interface DriftLayout {
  readonly place: 'beside' | 'below' | 'all';
  readonly list: { readonly width: number; readonly height: number };
  /** All of the pane: its title, the text, and a last row that says where in it one is. */
  readonly text: { readonly width: number; readonly height: number };
}

/** What the parts of the page need of it, in rows. */
export interface Needs {
  readonly head: number;
  readonly items: number;
  /** Of the likely cause, in the width of the list where it stands under the list. */
  readonly cause: (width: number) => number;
}

/** From here the two texts stand beside each other. */
const wide = 120;

export function layoutOf(
  { zoom }: Pick<DriftState, 'zoom'>,
  { columns, rows }: Pick<Context, 'columns' | 'rows'>,
  { head, items, cause }: Needs,
): DriftLayout {
  const none = { width: 0, height: 0 };
  if (zoom === 'text') return { place: 'all', list: none, text: { width: columns, height: rows } };
  const free = Math.max(1, rows - head);
  if (columns >= wide) {
    const width = Math.min(48, Math.floor(columns * 0.3));
    const height = Math.max(1, Math.min(items, free - cause(width)));
    return { place: 'beside', list: { width, height }, text: { width: columns - width - 1, height: free } };
  }
  const height = Math.min(items, Math.max(2, Math.floor(free * 0.35)));
  return {
    place: 'below',
    list: { width: columns, height },
    text: { width: columns, height: Math.max(0, free - height) },
  };
}

/** How an object's text is laid out in its pane, behind the column of the cursor. What only one side has needs one column. */
export function formOf(
  { text }: DriftLayout,
  { columns }: Pick<Context, 'columns'>,
  object: DriftObject | undefined,
): TextForm {
  const beside = columns >= wide && object?.change === 'changed';
  return { form: beside ? 'side-by-side' : 'unified', width: Math.max(8, text.width - gutter) };
}

/** Cells before the text, for the cursor. */
export const gutter = 2;

/** Items of a list that are drawn in its rows: when not all fit, the last row says how many there are besides. */
export function windowOf(height: number, length: number): number {
  return length <= height ? height : Math.max(1, height - 1);
}
