import { unicodeSigns } from '../../../lib/signs.ts';
import { scrolledText } from '../scrolling.ts';
import type { Context } from '../../screen.ts';
import { confirmationLines } from './confirmation.ts';
import { reviewPage } from './lines.ts';
import { plannedOf, reportOf, type ReviewState } from './state.ts';

/** Where a key moves the eye; undefined when it is no key of movement. */
export function moved(state: ReviewState, key: string, context: Context): ReviewState | undefined {
  switch (key) {
    case 'down':
      return { ...toMigration(state, 1), top: atEnd(state) ? topAfter(state, key, context) : state.top };
    case 'up':
      return { ...toMigration(state, -1), top: topAfter(state, key, context) };
    case 'page-down':
    case 'page-up':
      return { ...state, finding: undefined, top: topAfter(state, key, context) };
    case 'first':
      return { ...state, finding: undefined, top: 0, cursor: 0 };
    case 'last':
      return { ...toMigration(state, Number.MAX_SAFE_INTEGER), top: topAfter(state, key, context) };
    case 'next':
      return { ...state, finding: findingAt(state, 1) };
    case 'previous':
      return { ...state, finding: findingAt(state, -1) };
    default:
      return undefined;
  }
}

function toMigration(state: ReviewState, by: number): ReviewState {
  return { ...state, cursor: cursorAt(state, state.cursor + by), finding: undefined };
}

function topAfter(state: ReviewState, key: string, context: Context): number {
  const report = reportOf(state);
  if (!report) return 0;
  const { columns: width, now } = context;
  const frame = confirmationLines(unicodeSigns, state, report, width).length;
  const { lines } = reviewPage(unicodeSigns, state, report, { width, now });
  const rows = context.rows - frame;
  return scrolledText(key, { top: state.top, lines: lines.length, rows }) ?? state.top;
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
