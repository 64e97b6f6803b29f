import type { ReactElement } from 'react';
import { unicodeSigns } from '../../../lib/signs.ts';
import { clock } from '../../../lib/time.ts';
import { baselineOf } from '../../app/bookkeeping.ts';
import { rollbackOf } from '../../app/rollback.ts';
import { Lines } from '../../components/text.tsx';
import { environmentBadge } from '../../present/badge.ts';
import { askSql, runsFiles, sqlOfWay, withSql } from '../../present/migration-sql.ts';
import { page } from '../../present/page.ts';
import { foldRun } from '../../present/run.ts';
import type {
  Context,
  Effect,
  HeaderView,
  Message,
  RequestOf,
  Screen,
  Step,
  ViewProps,
} from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { databasesIn, runPageEffects } from '../run-page.ts';
import { scrolledText } from '../scrolling.ts';
import { bindings } from './bindings.ts';
import { failedLines } from './lines.ts';
import { failureOf, hasWaysOut, leftToTakeBack, meantBy, type FailedState } from './state.ts';

/** Screen 6: a run that stopped, without blame: what happened, what stayed, what did not, and what next. */
export const failed: Screen<FailedState, RequestOf<'failed'>> = {
  name: 'failed',
  open,
  reduce,
  bindings,
  header,
  View,
};

function open({
  environment,
  events,
  way,
  change,
  sql = sqlOfWay(way),
}: RequestOf<'failed'>): Step<FailedState> {
  const view = foldRun(events);
  const broken = failureOf(view)?.failed;
  const asked = broken && runsFiles(view) ? askSql(sql, broken) : { sql, effects: [] };
  const state: FailedState = { environment, view, change, sql: asked.sql, readBack: reading, top: 0 };
  return { state, effects: [...readBack(state), ...asked.effects] };
}

const reading = { kind: 'reading', status: undefined, verify: undefined } as const;

/** What happened to the target is asked of the target itself, not concluded from the run. */
function readBack({ environment }: FailedState): readonly Effect[] {
  return [
    { kind: 'ask', id: 'status', args: ['status', environment] },
    { kind: 'ask', id: 'verify', args: ['verify', environment] },
    { kind: 'refresh', environments: [environment] },
  ];
}

function reduce(state: FailedState, message: Message, context: Context): Step<FailedState> {
  if (message.kind === 'answer') return { state: answered(state, message.report, context.now) };
  if (message.kind === 'ended' && message.error && message.id === 'status') {
    return { state: { ...state, readBack: { kind: 'unknown', error: message.error } } };
  }
  if (message.kind !== 'action') return { state };
  if (message.action === 'refresh')
    return { state: { ...state, readBack: reading }, effects: readBack(state) };
  const { columns: width, rows, now, place } = context;
  const lines = failedLines(unicodeSigns, state, { width, now, place }).length;
  const top = scrolledText(message.action, { top: state.top, lines, rows });
  return top === undefined
    ? { state, effects: effectsOf(state, message.action, context) }
    : { state: { ...state, top } };
}

function answered(
  state: FailedState,
  report: Extract<Message, { kind: 'answer' }>['report'],
  now: number,
): FailedState {
  const before = state.readBack.kind === 'unknown' ? reading : state.readBack;
  if (report.kind === 'migration') return { ...state, sql: withSql(state.sql, report) };
  if (report.kind === 'status') {
    return { ...state, readBack: { kind: 'read', status: report, verify: before.verify, at: now } };
  }
  return report.kind === 'verify' ? { ...state, readBack: { ...before, verify: report } } : state;
}

function effectsOf(state: FailedState, action: string, context: Context): readonly Effect[] {
  const { environment, view } = state;
  const failure = failureOf(view);
  if (action === 'ways' && hasWaysOut(state))
    return [{ kind: 'open', request: { screen: 'recovery', environment } }];
  if (action === 'copy' && failure) {
    const text = [failure.message, failure.next].filter(Boolean).join('\n');
    return [{ kind: 'copy', text, what: 'what happened' }];
  }
  const left = leftToTakeBack(state);
  if (action === 'rollback' && left)
    return [
      { kind: 'replace', request: rollbackOf(meantBy(state, left), { ...context, database: left.database }) },
    ];
  const { change } = state;
  if (change && (action === 'fetch' || (action === 'bookkeeping' && isOfRecords(change))))
    return [{ kind: 'open', request: { screen: 'change', environment, words: change } }];
  if (action === 'bookkeeping') return [{ kind: 'open', request: baselineOf(environment, failure?.failed) }];
  const page = { environment, run: view.run, sql: state.sql };
  return runPageEffects(action === 'ways' ? 'backups' : action, page) ?? [];
}

function isOfRecords([name]: readonly string[]): boolean {
  return name === 'mark' || name === 'baseline';
}

function header({ environment, view }: FailedState): HeaderView {
  const at = failureOf(view)?.at;
  return {
    path: [...databasesIn(view), environment, `run ${view.run ?? ''}`.trim()],
    right: environmentBadge(environment, {
      protected: view.protected,
      doing: at === undefined ? 'stopped' : `stopped ${clock(at)}`,
    }),
  };
}

function View({ state, context }: ViewProps<FailedState>): ReactElement {
  const { columns: width, now, place } = context;
  const lines = failedLines(useSigns(), state, { width, now, place });
  return <Lines lines={page(lines, { rows: context.rows, top: state.top })} />;
}
