import type { Context } from '../../screen.ts';
import { plannedOf, reportOf, type ReviewState } from './state.ts';

/** Where a key moves the eye; undefined when it is no key of movement. */
export function moved(state: ReviewState, key: string, { rows }: Context): ReviewState | undefined {
  const half = Math.max(1, Math.floor(rows / 2));
  switch (key) {
    case 'down':
      return {
        ...state,
        cursor: cursorAt(state, state.cursor + 1),
        finding: undefined,
        top: state.top + (atEnd(state) ? 1 : 0),
      };
    case 'up':
      return {
        ...state,
        cursor: cursorAt(state, state.cursor - 1),
        finding: undefined,
        top: Math.max(0, state.top - 1),
      };
    case 'pagedown':
      return { ...state, top: state.top + half };
    case 'pageup':
      return { ...state, top: Math.max(0, state.top - half) };
    case 'home':
      return { ...state, top: 0, cursor: 0 };
    case 'end':
      return { ...state, top: Number.MAX_SAFE_INTEGER, cursor: cursorAt(state, Number.MAX_SAFE_INTEGER) };
    case 'next':
      return { ...state, finding: findingAt(state, 1) };
    case 'previous':
      return { ...state, finding: findingAt(state, -1) };
    default:
      return undefined;
  }
}

function cursorAt(state: ReviewState, wanted: number): number {
  const report = reportOf(state);
  const last = (report ? plannedOf(report).length : 0) - 1;
  return Math.max(0, Math.min(last, wanted));
}

/** On the last migration the key goes on through the rest of the page. */
function atEnd(state: ReviewState): boolean {
  return cursorAt(state, state.cursor + 1) === state.cursor;
}

function findingAt(state: ReviewState, by: 1 | -1): number | undefined {
  const length = reportOf(state)?.findings.length ?? 0;
  if (length === 0) return undefined;
  if (state.finding === undefined) return by === 1 ? 0 : length - 1;
  return (state.finding + by + length) % length;
}
