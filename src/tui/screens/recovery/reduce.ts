import { unicodeSigns } from '../../../lib/signs.ts';
import type { RecoveryReport, Report } from '../../../operations/reports.ts';
import { jobEffects } from '../../app/job-keys.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { chosenWay } from '../../present/way-out.ts';
import type { Context, Effect, Message, RequestOf, Step } from '../../screen.ts';
import { scrolledText } from '../scrolling.ts';
import { evidenceOf } from './evidence.ts';
import { caseText, partsOf } from './lines.ts';
import {
  caseAt,
  casesOf,
  firstState,
  firstWay,
  isStale,
  optionAt,
  type RecoveryReading,
  type RecoveryState,
} from './state.ts';
import { statementLines, stopRow } from './statements.ts';

type Next = Step<RecoveryState>;

export function open({ environment }: RequestOf<'recovery'>, { now }: Context): Next {
  const state = firstState(environment, now);
  return { state, effects: [ask(state)] };
}

export function reduce(state: RecoveryState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'answer':
      return answered(state, message.report, context);
    case 'ended':
      return { state: message.error ? failed(state, message.error) : state };
    case 'action':
      return acted(state, message.action, message.key.name, context);
    case 'shown':
      // A run may have been here since.
      return readAgain(state, context, 'look');
    default:
      return { state };
  }
}

function ask({ environment }: RecoveryState): Effect {
  return { kind: 'ask', id: 'recovery', args: ['recover', environment] };
}

function readAgain(state: RecoveryState, { now }: Context, wanted: 'look' | 'review'): Next {
  const reading: RecoveryReading = { kind: 'asking', since: now, wanted };
  return { state: { ...state, reading }, effects: [ask(state)] };
}

function answered(state: RecoveryState, report: Report, context: Context): Next {
  if (report.kind !== 'recovery') return { state };
  const wanted = state.reading.kind === 'asking' ? state.reading.wanted : 'look';
  const next = kept(state, report, context.now);
  return wanted === 'review' && sameWay(state, next)
    ? { state: next, effects: review(next) }
    : { state: next };
}

/** The eye stays on the case and the way that it was on, where both are still there. */
function kept(before: RecoveryState, report: RecoveryReport, now: number): RecoveryState {
  const was = caseAt(before);
  const option = optionAt(before);
  const at = report.cases.findIndex(
    ({ database, tag, situation }) =>
      database === was?.database && tag === was.tag && situation === was.situation,
  );
  const found = report.cases[Math.max(0, at)];
  const way = at < 0 ? -1 : (found?.options.findIndex(({ id }) => id === option?.id) ?? -1);
  const same = at >= 0 && found?.evidence.length === was?.evidence.length;
  return {
    ...before,
    known: { report, readAt: now },
    reading: { kind: 'no' },
    at: Math.max(0, at),
    way: way < 0 && found ? firstWay(found) : Math.max(0, way),
    evidence: same ? before.evidence : undefined,
    shows: found ? before.shows : 'case',
    top: same ? before.top : 0,
  };
}

function sameWay(before: RecoveryState, after: RecoveryState): boolean {
  const option = optionAt(after);
  return (
    option?.allowed === true &&
    option.id === optionAt(before)?.id &&
    caseAt(after)?.verdict === caseAt(before)?.verdict
  );
}

function failed(state: RecoveryState, error: MigrateErrorView): RecoveryState {
  return { ...state, reading: { kind: 'failed', error } };
}

function acted(state: RecoveryState, action: string, key: string, context: Context): Next {
  switch (action) {
    case 'open':
      return isStale(state, context.now)
        ? readAgain(state, context, 'review')
        : { state, effects: review(state) };
    case 'number':
      return { state: numbered(state, Number(key)) };
    case 'pane':
      return { state: toCase(state, 1) };
    case 'next':
      return { state: toEvidence(state, 1) };
    case 'previous':
      return { state: toEvidence(state, -1) };
    case 'zoom':
      return { state: zoomed(state, context) };
    case 'refresh':
      return readAgain(state, context, 'look');
    case 'leave':
      return left(state);
    case 'down':
    case 'up':
      return { state: moved(state, action, context) };
    default:
      return { state: scrolledBy(state, action, context), effects: effectsOf(state, action, context) };
  }
}

/** The one lead from here to a change: the review of a way that is open. */
function review(state: RecoveryState): readonly Effect[] {
  const { environment } = state;
  const found = caseAt(state);
  const option = optionAt(state);
  if (!found || option?.allowed !== true) return [];
  const way = chosenWay(found, option, casesOf(state));
  return [{ kind: 'open', request: { screen: 'review', environment, begin: 'look', way } }];
}

function numbered(state: RecoveryState, number: number): RecoveryState {
  const options = caseAt(state)?.options ?? [];
  const index = options.flatMap(({ allowed }, at) => (allowed ? [at] : []))[number - 1];
  return index === undefined ? state : { ...state, way: index };
}

function toCase(state: RecoveryState, by: 1 | -1): RecoveryState {
  const cases = casesOf(state);
  const { length } = cases;
  const at = (state.at + by + length) % length;
  const found = cases[at];
  if (!found) return state;
  return {
    ...state,
    at,
    way: firstWay(found),
    evidence: undefined,
    shows: 'case',
    top: 0,
  };
}

/** Behind the last evidence comes the next case; with one case, the first evidence again. */
function toEvidence(state: RecoveryState, by: 1 | -1): RecoveryState {
  const found = caseAt(state);
  const length = found ? evidenceOf(found).length : 0;
  const to = state.evidence === undefined ? (by === 1 ? 0 : length - 1) : state.evidence + by;
  if (to >= 0 && to < length) return { ...state, evidence: to, shows: 'case' };
  return casesOf(state).length > 1 ? toCase(state, by) : { ...state, evidence: undefined, top: 0 };
}

function zoomed(state: RecoveryState, { columns }: Context): RecoveryState {
  const found = caseAt(state);
  if (!found || state.shows === 'statements') return { ...state, shows: 'case', top: 0 };
  // What ran last stands above the place, so that the eye knows where it is.
  const top = Math.max(0, stopRow(unicodeSigns, found, columns) - 4);
  return { ...state, shows: 'statements', top };
}

function left(state: RecoveryState): Next {
  if (state.shows === 'statements') return { state: { ...state, shows: 'case', top: 0 } };
  if (!caseAt(state)) return { state, effects: [{ kind: 'back' }] };
  const text = `${state.environment} is left as it is; this is shown again at the next start, and w leads here.`;
  return { state, effects: [{ kind: 'back' }, { kind: 'say', level: 'info', text }] };
}

/** Over the ways; in the SQL, through its rows. */
function moved(state: RecoveryState, action: 'down' | 'up', context: Context): RecoveryState {
  if (state.shows === 'statements') return scrolledBy(state, action, context);
  const last = (caseAt(state)?.options.length ?? 1) - 1;
  const to = state.way + (action === 'down' ? 1 : -1);
  return { ...state, way: Math.max(0, Math.min(last, to)), evidence: undefined };
}

function scrolledBy(state: RecoveryState, action: string, context: Context): RecoveryState {
  const found = caseAt(state);
  if (!found) return state;
  const whole = state.shows === 'statements';
  const { above, ways } = partsOf(unicodeSigns, state, found, context);
  const lines = whole ? statementLines(unicodeSigns, found, context.columns).length : above.length;
  const rows = whole ? context.rows : context.rows - ways.length;
  const top = scrolledText(action, { top: state.top, lines, rows });
  return top === undefined ? state : { ...state, top, evidence: undefined };
}

function effectsOf(state: RecoveryState, action: string, context: Context): readonly Effect[] {
  const { environment } = state;
  const found = caseAt(state);
  switch (action) {
    case 'export':
      return [
        { kind: 'report', args: ['recover', environment, '--report'], name: `incident-${environment}.md` },
      ];
    case 'copy':
      return found
        ? [{ kind: 'copy', text: caseText(environment, found), what: 'the verdict and its evidence' }]
        : [];
    default:
      return jobEffects(action, environment, context);
  }
}
