import { unicodeSigns as signs } from '../../../lib/signs.ts';
import { windowTop } from '../../present/window.ts';
import type { Context } from '../../screen.ts';
import { scrolled, scrolledText } from '../scrolling.ts';
import { windowOf } from './layout.ts';
import { driftLayout } from './lines.ts';
import { differencesIn } from './pieces.ts';
import { objectAt, shownItems, type DriftItem, type DriftState } from './state.ts';
import { textInSight } from './text-lines.ts';

export type Move =
  /** The object with this key, where it is still there. */
  | { readonly to: 'object'; readonly key: string | undefined }
  | { readonly to: 'difference'; readonly by: 1 | -1 }
  | { readonly to: 'zoom'; readonly zoom: DriftState['zoom'] }
  /** A key that moves through the pane that has the focus. */
  | { readonly to: 'key'; readonly action: string };

/** Moves the eye, and keeps what it is on in sight. */
export function moved(state: DriftState, move: Move, context: Context): DriftState {
  switch (move.to) {
    case 'object': {
      const items = shownItems(state);
      const at = items.findIndex(({ key }) => key === move.key);
      if (at >= 0) return inSight(at === state.at ? state : onObject(state, at), context);
      return inSight(onObject(state, Math.max(0, Math.min(state.at, items.length - 1))), context);
    }
    case 'difference':
      return inSight(toDifference(state, move.by), context);
    case 'zoom':
      return inSight({ ...state, zoom: move.zoom }, context);
    case 'key':
      return state.pane === 'text' || state.zoom === 'text'
        ? scrolledBy(state, move.action, context)
        : throughList(state, move.action, context);
  }
}

function onObject(state: DriftState, at: number): DriftState {
  return { ...state, at, difference: 0, textTop: 0 };
}

/** Behind the last difference of an object comes the next object that has one; behind the last object the first. */
function toDifference(state: DriftState, by: 1 | -1): DriftState {
  const object = objectAt(state);
  const to = state.difference + by;
  if (object && to >= 0 && to < differencesIn(object)) return { ...state, difference: to };
  const items = shownItems(state);
  const { length } = items;
  for (let step = 1; step <= length; step += 1) {
    const at = (state.at + by * step + length * step) % length;
    const last = lastDifference(items[at]);
    if (last >= 0) return { ...onObject(state, at), difference: by === 1 ? 0 : last };
  }
  return state;
}

/** -1: what may differ has no text. */
function lastDifference(item: DriftItem | undefined): number {
  return item?.kind === 'differs' ? differencesIn(item.object) - 1 : -1;
}

function throughList(state: DriftState, action: string, context: Context): DriftState {
  const { length } = shownItems(state);
  const { list } = driftLayout(signs, state, context);
  const at = scrolled(action, { at: state.at, last: length - 1, page: list.height });
  return at === undefined || length === 0 ? state : inSight(onObject(state, at), context);
}

function scrolledBy(state: DriftState, action: string, context: Context): DriftState {
  const seen = textInSight(signs, state, driftLayout(signs, state, context), context);
  if (!seen) return state;
  const { text, room } = seen;
  const top = scrolledText(action, { top: state.textTop, lines: text.lines.length, rows: room + 1 });
  return top === undefined ? state : { ...state, textTop: top };
}

/** How many rows stand above a difference that was out of sight. */
const before = 3;

function inSight(state: DriftState, context: Context): DriftState {
  const { length } = shownItems(state);
  const layout = driftLayout(signs, state, context);
  const height = windowOf(layout.list.height, length);
  const top =
    layout.place === 'all' ? state.top : windowTop({ top: state.top, cursor: state.at, height, length });
  const seen = textInSight(signs, state, layout, context);
  const row = seen?.text.places[state.difference];
  if (seen === undefined || row === undefined) return { ...state, top };
  const last = Math.max(0, seen.text.lines.length - seen.room);
  const shown = row >= state.textTop && row < state.textTop + seen.room;
  return { ...state, top, textTop: Math.min(last, shown ? state.textTop : Math.max(0, row - before)) };
}
