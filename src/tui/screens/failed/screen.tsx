import type { ReactElement } from 'react';
import { unicodeSigns } from '../../../lib/signs.ts';
import { clock } from '../../../lib/time.ts';
import { baselineOf } from '../../app/bookkeeping.ts';
import { jobKeys } from '../../app/job-keys.ts';
import { isHalfFinished } from '../../app/jobs.ts';
import { Lines } from '../../components/text.tsx';
import { environmentBadge } from '../../present/badge.ts';
import { askSql, runsFiles, sqlOfWay, withSql } from '../../present/migration-sql.ts';
import { leadsToBaseline } from '../../present/next.ts';
import { page } from '../../present/page.ts';
import { foldRun } from '../../present/run.ts';
import type {
  Binding,
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
import { scrollBindings, scrolledText } from '../scrolling.ts';
import { failedLines } from './lines.ts';
import { failureOf, type FailedState } from './state.ts';

/** Screen 6: a run that stopped, without blame: what happened, what stayed, what did not, and what next. */
export const failed: Screen<FailedState, RequestOf<'failed'>> = {
  name: 'failed',
  open,
  reduce,
  bindings: bindings(),
  header,
  View,
};

function open({ environment, events, way, change }: RequestOf<'failed'>): Step<FailedState> {
  const view = foldRun(events);
  const broken = failureOf(view)?.failed;
  const sql = sqlOfWay(way);
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
  const { columns: width, rows, now } = context;
  const lines = failedLines(unicodeSigns, state, { width, now }).length;
  const top = scrolledText(message.action, { top: state.top, lines, rows });
  return top === undefined
    ? { state, effects: effectsOf(state, message.action) }
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

function effectsOf(state: FailedState, action: string): readonly Effect[] {
  const { environment, view } = state;
  const failure = failureOf(view);
  if (action === 'ways' && hasWaysOut(state))
    return [{ kind: 'open', request: { screen: 'recovery', environment } }];
  if (action === 'copy' && failure) {
    const text = [failure.message, failure.next].filter(Boolean).join('\n');
    return [{ kind: 'copy', text, what: 'what happened' }];
  }
  const { change } = state;
  if (change && (action === 'fetch' || (action === 'bookkeeping' && isOfRecords(change))))
    return [{ kind: 'open', request: { screen: 'change', environment, words: change } }];
  if (action === 'bookkeeping') return [{ kind: 'open', request: baselineOf(environment, failure?.failed) }];
  return runPageEffects(action === 'ways' ? 'backups' : action, { environment, run: view.run }) ?? [];
}

function isOfRecords([name]: readonly string[]): boolean {
  return name === 'mark' || name === 'baseline';
}

function bindings(): readonly Binding<FailedState>[] {
  const job = jobKeys<FailedState>(({ environment }) => environment);
  return [
    {
      keys: ['w'],
      action: 'ways',
      label: (state) => (hasWaysOut(state) ? 'ways out' : 'way back'),
      help: 'what is half-done and what leads out; where nothing is, the backups',
      group: 'jobs',
      footer: 1,
    },
    job('backups'),
    {
      keys: ['enter'],
      action: 'open',
      label: 'run in full',
      help: 'every step and statement of the run',
      group: 'open',
      footer: 2,
    },
    {
      keys: ['x'],
      action: 'export',
      label: 'incident report',
      help: 'what happened as a file, for a ticket',
      group: 'take',
      footer: 3,
    },
    {
      keys: ['y'],
      action: 'copy',
      label: 'copy',
      help: 'what happened, to the clipboard',
      group: 'take',
      footer: 4,
    },
    job('deploy', { help: 'the review of what is left', footer: 5, blocked: whyNoDeploy }),
    {
      keys: ['f'],
      action: 'fetch',
      label: 'review again',
      help: 'of a copy from another environment: its review, as things stand now',
      group: 'jobs',
      footer: ({ change }) => (change?.[0] === 'resync' ? 0 : undefined),
      blocked: ({ change }) => (change?.[0] === 'resync' ? undefined : 'no data was fetched here'),
    },
    job('bookkeeping', { footer: ({ view }) => (leadsToBaseline(failureOf(view)) ? 0 : undefined) }),
    job('runs', { footer: 6 }),
    {
      keys: ['esc'],
      action: 'home',
      label: 'environments',
      help: 'back to the environments',
      group: 'always',
      footer: 7,
    },
    {
      keys: ['r'],
      action: 'refresh',
      label: 'read again',
      help: 'reads the target back again',
      group: 'always',
    },
    ...scrollBindings,
  ];
}

function whyNoDeploy({ readBack: known }: FailedState): string | undefined {
  if (known.kind === 'unknown') return 'what is there is not known, r asks again';
  return isHalfFinished({ status: known.status?.environments[0] }) ? 'half-finished, w first' : undefined;
}

/** Something of it stayed, its lock is still there, or it is not known: then the target is looked at. */
function hasWaysOut({ readBack: known }: FailedState): boolean {
  if (known.kind === 'unknown') return true;
  const status = known.status?.environments[0];
  return isHalfFinished({ status }) || (status?.targets.some(({ lock }) => lock !== undefined) ?? false);
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
  const lines = failedLines(useSigns(), state, { width: context.columns, now: context.now });
  return <Lines lines={page(lines, { rows: context.rows, top: state.top })} />;
}
