import type { ReactElement } from 'react';
import { Lines } from '../../components/text.tsx';
import { runFacts } from '../../present/run-words.ts';
import { windowTop } from '../../present/window.ts';
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
import { filterAfter, filterPart, filterTyped, listensTo, noFilter, type Filter } from '../filter.ts';
import { reportOf } from '../run-page.ts';
import { scrolled } from '../scrolling.ts';
import { bindings } from './bindings.ts';
import { countOf, listHeight, runsLines } from './lines.ts';
import { runUnderCursor, shownRuns, type RunsState } from './state.ts';

/** Screen 11: every run that the ledger knows, newest on top. */
export const runs: Screen<RunsState, RequestOf<'runs'>> = {
  name: 'runs',
  open: ({ environment }, { now }) => ({
    state: {
      environment,
      runs: { kind: 'asking', since: now },
      filter: noFilter,
      cursor: 0,
      top: 0,
      detail: undefined,
    },
    effects: [askRuns(environment)],
  }),
  reduce,
  bindings,
  header,
  listens: listensTo,
  ticks: ({ runs: asked }) => (asked.kind === 'asking' ? 150 : undefined),
  View,
};

function askRuns(environment: string | undefined): Effect {
  return { kind: 'ask', id: 'runs', args: environment === undefined ? ['runs'] : ['runs', environment] };
}

function reduce(state: RunsState, message: Message, context: Context): Step<RunsState> {
  switch (message.kind) {
    case 'answer':
      return answered(state, message.report, context);
    case 'ended':
      if (message.id !== 'runs' || !message.error) return { state };
      return { state: { ...state, runs: { kind: 'failed', error: message.error } } };
    case 'key':
    case 'paste':
      return filtered(state, filterTyped(state.filter, message));
    case 'action':
      return acted(state, message.action, context);
    case 'shown':
      return { state, effects: [askRuns(state.environment)] };
    case 'remembered':
    case 'status':
    case 'event':
    case 'tick':
      return { state };
  }
}

function answered(
  state: RunsState,
  report: Extract<Message, { kind: 'answer' }>['report'],
  { now }: Context,
): Step<RunsState> {
  if (report.kind === 'run') return { state: { ...state, detail: report } };
  if (report.kind !== 'runs') return { state };
  const next: RunsState = { ...state, runs: { kind: 'answered', report, at: now } };
  return { state: next, effects: askDetail(next) };
}

/** One id, so that moving on replaces the question. */
function askDetail(state: RunsState): readonly Effect[] {
  const run = runUnderCursor(state);
  if (!run || state.detail?.summary.run === run.run) return [];
  return [{ kind: 'ask', id: 'detail', args: ['show', String(run.run)] }];
}

/** Other letters leave other runs: the newest of them is under the cursor. */
function filtered(state: RunsState, filter: Filter): Step<RunsState> {
  if (filter.text === state.filter.text) return { state: { ...state, filter } };
  const next = { ...state, filter, cursor: 0, top: 0 };
  const same = runUnderCursor(next)?.run === runUnderCursor(state)?.run;
  return { state: next, effects: same ? [] : askDetail(next) };
}

function acted(state: RunsState, action: string, context: Context): Step<RunsState> {
  const last = Math.max(0, shownRuns(state).length - 1);
  const to = scrolled(action, { at: state.cursor, last, page: context.rows });
  if (to !== undefined) {
    const height = listHeight(context);
    const top = windowTop({ top: state.top, cursor: to, height, length: last + 1 });
    const next = { ...state, cursor: to, top };
    return { state: next, effects: askDetail(next) };
  }
  const filter = filterAfter(state.filter, action);
  return filter ? filtered(state, filter) : { state, effects: effectsOf(state, action) };
}

function effectsOf(state: RunsState, action: string): readonly Effect[] {
  const run = runUnderCursor(state);
  switch (action) {
    case 'open':
      return run ? [openRun(run)] : [];
    case 'back':
      return [{ kind: 'back' }];
    case 'backups':
      return [{ kind: 'open', request: { screen: 'backups', environment: run?.environment } }];
    case 'export':
      return run ? [reportOf(run.run)] : [];
    case 'copy': {
      const text = run
        ? runFacts(run)
            .map((fact) => `${fact.label}: ${fact.text}`)
            .join('\n')
        : '';
      return run ? [{ kind: 'copy', text, what: `run ${run.run}` }] : [];
    }
    case 'refresh':
      return [askRuns(state.environment)];
    default:
      return [];
  }
}

/** A run that is still at work is watched, every other is a record. */
function openRun({ run, environment, outcome }: NonNullable<ReturnType<typeof runUnderCursor>>): Effect {
  return outcome === 'running'
    ? { kind: 'open', request: { screen: 'run', environment, source: { kind: 'follow', run } } }
    : { kind: 'open', request: { screen: 'run-detail', run } };
}

function header(state: RunsState): HeaderView {
  const path = state.environment === undefined ? ['runs'] : [state.environment, 'runs'];
  const count = countOf(state);
  return {
    path,
    right: [...filterPart(state.filter), ...(count === '' ? [] : [{ text: count, tone: 'text' as const }])],
  };
}

function View({ state, context }: ViewProps<RunsState>): ReactElement {
  return <Lines lines={runsLines(useSigns(), state, context)} />;
}
