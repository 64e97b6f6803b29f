import type { ReactElement } from 'react';
import { unicodeSigns } from '../../../lib/signs.ts';
import { Lines } from '../../components/text.tsx';
import { environmentBadge } from '../../present/badge.ts';
import { askSql, noSql, withSql } from '../../present/migration-sql.ts';
import { page } from '../../present/page.ts';
import { incidentReport } from '../../present/report-file.ts';
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
import { scrollBindings, scrolled } from '../scrolling.ts';
import { finishedLines } from './lines.ts';
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

function open({ environment, events }: RequestOf<'finished'>): Step<FinishedState> {
  const view = foldRun(events);
  let sql = noSql;
  const effects: Effect[] = [
    { kind: 'refresh', environments: [environment] },
    { kind: 'ask', id: 'next', args: ['plan', environment] },
  ];
  for (const migration of view.migrations.slice(0, mostAsked)) {
    const asked = askSql(sql, migration);
    sql = asked.sql;
    effects.push(...asked.effects);
  }
  return { state: { environment, events, view, sql, next: undefined, top: 0 }, effects };
}

/** The slowest statements are named by their SQL; beyond these their migration's name has to do. */
const mostAsked = 5;

function reduce(state: FinishedState, message: Message, context: Context): Step<FinishedState> {
  if (message.kind === 'answer') {
    if (message.report.kind === 'migration')
      return { state: { ...state, sql: withSql(state.sql, message.report) } };
    return { state: message.report.kind === 'plan' ? { ...state, next: message.report } : state };
  }
  if (message.kind !== 'action') return { state };
  const length = finishedLines(unicodeSigns, state, context.columns).length;
  return {
    state: {
      ...state,
      top:
        scrolled(message.action, { at: state.top, last: length - context.rows + 1, page: context.rows }) ??
        state.top,
    },
    effects: effectsOf(state, message.action),
  };
}

function effectsOf({ environment, view, events }: FinishedState, action: string): readonly Effect[] {
  switch (action) {
    case 'open':
      return view.run === undefined
        ? []
        : [{ kind: 'open', request: { screen: 'run-detail', run: view.run } }];
    case 'export':
      return [{ kind: 'export', name: `run-${view.run ?? 0}.md`, content: incidentReport(events) }];
    case 'backups':
      return [{ kind: 'open', request: { screen: 'backups', environment } }];
    case 'runs':
      return [{ kind: 'open', request: { screen: 'runs', environment: undefined } }];
    case 'deploy':
      return [{ kind: 'replace', request: { screen: 'review', environment, begin: 'look' } }];
    case 'home':
      return [{ kind: 'home' }];
    default:
      return [];
  }
}

function bindings(): readonly Binding<FinishedState>[] {
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
    {
      keys: ['w'],
      action: 'backups',
      label: 'way back',
      help: 'the backups of this environment',
      group: 'jobs',
      footer: 3,
    },
    { keys: ['H'], action: 'runs', label: 'history', help: 'the runs so far', group: 'jobs', footer: 4 },
    {
      keys: ['esc'],
      action: 'home',
      label: 'environments',
      help: 'back to the environments',
      group: 'always',
      footer: 5,
    },
    {
      keys: ['d'],
      action: 'deploy',
      label: 'deploy',
      help: 'the review of what may run next here',
      group: 'jobs',
      blocked: ({ next }) =>
        next?.databases.some(({ migrations }) => migrations.length > 0) ? undefined : 'nothing may run now',
    },
    ...scrollBindings,
  ];
}

function header({ environment, view }: FinishedState): HeaderView {
  return {
    path: [...view.databases, environment, `run ${view.run ?? ''}`],
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
