import type { ReactElement } from 'react';
import { unicodeSigns } from '../../../lib/signs.ts';
import { jobKeys } from '../../app/job-keys.ts';
import { Lines } from '../../components/text.tsx';
import { environmentBadge } from '../../present/badge.ts';
import { sqlOfWay } from '../../present/migration-sql.ts';
import { page } from '../../present/page.ts';
import { foldRun } from '../../present/run.ts';
import type {
  Binding,
  Context,
  HeaderView,
  Message,
  RequestOf,
  Screen,
  Step,
  ViewProps,
} from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { databasesIn, heardSql, runPageEffects, withSqlAsked } from '../run-page.ts';
import { scrollBindings, scrolledText } from '../scrolling.ts';
import { finishedLines } from './lines.ts';
import { slowestMigrations } from './slowest.ts';
import type { FinishedState } from './state.ts';

/** Screen 5: what was done, as claims that were checked. */
export const finished: Screen<FinishedState, RequestOf<'finished'>> = {
  name: 'finished',
  open,
  reduce,
  bindings: bindings(),
  header,
  View,
};

function open({ environment, events, way, sql = sqlOfWay(way) }: RequestOf<'finished'>): Step<FinishedState> {
  const view = foldRun(events);
  const known = { environment, way, view, sql, next: undefined, top: 0 };
  const { state, effects = [] } = withSqlAsked<FinishedState>(known, slowestMigrations);
  return {
    state,
    effects: [
      { kind: 'refresh', environments: [environment] },
      { kind: 'ask', id: 'next', args: ['plan', environment] },
      ...effects,
    ],
  };
}

function reduce(state: FinishedState, message: Message, context: Context): Step<FinishedState> {
  const heard = heardSql(state, message, slowestMigrations);
  if (heard) return heard;
  if (message.kind === 'answer')
    return { state: message.report.kind === 'plan' ? { ...state, next: message.report } : state };
  if (message.kind !== 'action') return { state };
  const lines = finishedLines(unicodeSigns, state, context.columns).length;
  const top = scrolledText(message.action, { top: state.top, lines, rows: context.rows });
  if (top !== undefined) return { state: { ...state, top } };
  const { environment, view, sql } = state;
  return { state, effects: runPageEffects(message.action, { environment, run: view.run, sql }) ?? [] };
}

function bindings(): readonly Binding<FinishedState>[] {
  const job = jobKeys<FinishedState>(({ environment }) => environment);
  return [
    {
      keys: ['enter'],
      action: 'open',
      label: 'all statements',
      help: 'every statement of the run',
      group: 'open',
      footer: 1,
    },
    {
      keys: ['x'],
      action: 'export',
      label: 'export',
      help: 'the record of this run as a file',
      group: 'take',
      footer: 2,
    },
    job('backups', { keys: ['w'], label: 'way back', footer: 3 }),
    job('runs', { footer: 4 }),
    {
      keys: ['esc'],
      action: 'home',
      label: 'environments',
      help: 'back to the environments',
      group: 'always',
      footer: 5,
    },
    job('deploy', {
      help: 'the review of what may run next here',
      blocked: ({ next }) =>
        next?.databases.some(({ migrations }) => migrations.length > 0) ? undefined : 'nothing may run now',
    }),
    ...scrollBindings,
  ];
}

function header({ environment, view }: FinishedState): HeaderView {
  return {
    path: [...databasesIn(view), environment, `run ${view.run ?? ''}`],
    right: environmentBadge(environment, {
      protected: view.protected,
      doing: view.protected ? 'protected, read-only again' : 'done',
    }),
  };
}

function View({ state, context }: ViewProps<FinishedState>): ReactElement {
  const lines = finishedLines(useSigns(), state, context.columns);
  return <Lines lines={page(lines, { rows: context.rows, top: state.top })} />;
}
