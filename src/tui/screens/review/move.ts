import { unicodeSigns } from '../../../lib/signs.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import { scrolledText } from '../scrolling.ts';
import type { Context } from '../../screen.ts';
import { confirmationLines } from './confirmation.ts';
import { reviewPage, type ReviewPage } from './lines.ts';
import { plannedOf, reportOf, type ReviewState } from './state.ts';

/** Where a key moves the eye; undefined when it is no key of movement. */
export function moved(state: ReviewState, key: string, context: Context): ReviewState | undefined {
  switch (key) {
    case 'down':
      return isScrolled(state) || atEnd(state)
        ? { ...state, finding: undefined, top: topAfter(state, key, context) }
        : toMigration(state, 1);
    case 'up':
      return isScrolled(state)
        ? { ...state, finding: undefined, top: topAfter(state, key, context) }
        : toMigration(state, -1);
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

/** What the dry-run showed is in sight once it is known: nobody types a name over what stands out of it. */
export function evidenceInSight(before: ReviewState, state: ReviewState, context: Context): ReviewState {
  const report = reportOf(state);
  if (!report?.evidence || reportOf(before)?.evidence || state.top > 0) return state;
  const { lines, evidence, rows } = drawn(state, report, context);
  // The last row says how much there is below.
  const room = lines.length > rows ? rows - 1 : rows;
  if (room - evidence.at >= Math.min(evidence.rows, 4)) return state;
  return { ...state, top: Math.max(0, evidence.at - Math.max(0, room - evidence.rows)) };
}

function topAfter(state: ReviewState, key: string, context: Context): number {
  const report = reportOf(state);
  if (!report) return 0;
  const { lines, rows } = drawn(state, report, context);
  return scrolledText(key, { top: state.top, lines: lines.length, rows }) ?? state.top;
}

/** The page as it stands above the frame, and the rows that there are for it. */
function drawn(
  state: ReviewState,
  report: PlanReport,
  { columns: width, rows, now }: Context,
): ReviewPage & { readonly rows: number } {
  const frame = confirmationLines(unicodeSigns, state, report, { width, rows }).length;
  return { ...reviewPage(unicodeSigns, state, report, { width, rows, now }), rows: rows - frame };
}

function cursorAt(state: ReviewState, wanted: number): number {
  const report = reportOf(state);
  const last = (report ? plannedOf(report).length : 0) - 1;
  return Math.max(0, Math.min(last, wanted));
}

/** Away from the migrations the keys move what is in sight. */
function isScrolled({ top }: ReviewState): boolean {
  return top > 0;
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
