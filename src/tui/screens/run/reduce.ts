import { sentences, stopped as withStop } from '../../../lib/sentences.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { RunEvent } from '../../../operations/events.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import {
  askNextSql,
  knownSql,
  runsFiles,
  settledSql,
  sqlOfWay,
  withSql,
} from '../../present/migration-sql.ts';
import { foldRun, withEvent } from '../../present/run.ts';
import type { Context, Effect, Message, RequestOf, ScreenRequest, Step } from '../../screen.ts';
import { tablesToCopy } from '../../present/run-tables.ts';
import { scrolled } from '../scrolling.ts';
import { currentStatement, shownMigration, type RunState } from './state.ts';

type RunStep = Step<RunState>;

export function open({ environment, source, way, change, tables = [] }: RequestOf<'run'>): RunStep {
  const events = source.kind === 'start' ? source.before : [];
  const state: RunState = {
    environment,
    way,
    change,
    events,
    // What the dry-run said stays on the page; its end is not the end of the way.
    view: {
      ...foldRun(events),
      tables: tablesToCopy(tables),
      environment,
      outcome: { kind: 'running' },
      operation: undefined,
      startedAt: undefined,
      lastHeard: undefined,
      // What stopping the dry-run would have done.
      stopping: undefined,
    },
    run: source.kind === 'follow' ? source.run : undefined,
    sql: sqlOfWay(way),
    cursor: 'follow',
    stopAsked: undefined,
    lost: undefined,
  };
  const effect: Effect =
    source.kind === 'start'
      ? { kind: 'start', id: 'run', args: source.args }
      : { kind: 'follow', id: 'run', run: source.run };
  const { sql, effects } = askNextSql(state.sql, way ? [] : rehearsedIn(state));
  return { state: { ...state, sql }, effects: [effect, ...effects] };
}

/** What the dry-run ran first is what runs first: it is read while the process starts. */
function rehearsedIn({ view }: RunState): Parameters<typeof askNextSql>[1] {
  return view.evidence
    .flatMap(({ database, migrations }) => migrations.map(({ tag }) => ({ database, tag })))
    .slice(0, 1);
}

export function reduce(state: RunState, message: Message, context: Context): RunStep {
  switch (message.kind) {
    case 'event':
      return message.id === 'run' ? heard(state, message.event) : { state };
    case 'answer':
      return message.report.kind === 'migration'
        ? withSqlAsked({ ...state, sql: withSql(state.sql, message.report) })
        : { state };
    case 'ended':
      if (message.id !== 'run') return withSqlAsked({ ...state, sql: settledSql(state.sql, message.id) });
      if (state.view.outcome.kind !== 'running') return { state };
      return lost(state, message.error ?? killed);
    case 'action':
      return acted(state, message.action, context);
    case 'key':
    case 'paste':
    case 'remembered':
    case 'status':
    case 'tick':
    case 'shown':
      return { state };
    default:
      return unreachable(message);
  }
}

function heard(state: RunState, event: RunEvent): RunStep {
  const view = withEvent(state.view, event);
  const next: RunState = { ...state, events: [...state.events, event], view, run: event.run };
  if (view.outcome.kind !== 'running') return { state: next, effects: ending(next) };
  // A new migration begins at its own first statement.
  const cursor = event.kind === 'step-started' ? 'follow' : next.cursor;
  return withSqlAsked({ ...next, cursor });
}

/** Of the migration in sight, then of the one after it, so that its text is there when it begins. */
function withSqlAsked(state: RunState): RunStep {
  const { view } = state;
  const shown = shownMigration(state);
  if (!shown || view.outcome.kind !== 'running' || !runsFiles(view)) return { state };
  const at = view.migrations.indexOf(shown);
  const { sql, effects } = askNextSql(state.sql, view.migrations.slice(at, at + 2));
  return { state: { ...state, sql }, effects };
}

/** It had begun to tell, then ended without a word: a signal that no process can answer. */
const killed: MigrateErrorView = { code: 'crashed', message: 'Its process was ended.', next: undefined };

function lost(state: RunState, error: MigrateErrorView): RunStep {
  const refresh: Effect = { kind: 'refresh', environments: [state.environment] };
  // Refused before it was a run: nothing was changed, and the page it was asked for on says why.
  const refused =
    state.run === undefined && (state.view.rehearsed ?? state.way ?? state.change) !== undefined;
  return {
    state: { ...state, lost: error },
    effects: refused ? [toReview(state, error), refresh] : [refresh],
  };
}

/** The review is shown anew, with what the dry-run said and with why nothing ran. */
function toReview({ environment, events, run, way, change }: RunState, error: MigrateErrorView): Effect {
  if (change)
    return { kind: 'replace', request: { screen: 'change', environment, words: change, refused: error } };
  const rehearsal = events.filter((event) => event.run !== run);
  return {
    kind: 'replace',
    request: {
      screen: 'review',
      environment,
      begin: 'look',
      refused: { rehearsal, error },
      ...(way && { way }),
    },
  };
}

function ending(state: RunState): readonly Effect[] {
  const { environment, events, view, way, change, sql } = state;
  const { outcome } = view;
  if (outcome.kind === 'failed' && isRefused(state, outcome)) return [toReview(state, outcome)];
  const known = { environment, events, ...(way && { way }), sql: knownSql(sql) };
  const request: ScreenRequest =
    outcome.kind === 'failed'
      ? { screen: 'failed', ...known, ...(change && { change }) }
      : { screen: 'finished', ...known };
  return [{ kind: 'replace', request }];
}

/** It did not begin: the consent does not fit what would be done now, or the way is not open any more. */
function isRefused(
  { way, change }: RunState,
  { code, exitCode }: { code: string; exitCode: number },
): boolean {
  return refusedAtOnce.has(code) || ((way ?? change) !== undefined && exitCode === 4);
}

const refusedAtOnce: ReadonlySet<string> = new Set(['target-changed', 'not-confirmed', 'protected']);

function acted(state: RunState, action: string, context: Context): RunStep {
  switch (action) {
    case 'stop':
      return stopped(state, context);
    case 'last':
      return { state: { ...state, cursor: 'follow' } };
    case 'sql':
      return { state, effects: openMigration(state) };
    case 'ways':
      return { state, effects: [{ kind: 'open', request: waysFrom(state) }] };
    case 'runs':
      return {
        state,
        effects: [{ kind: 'open', request: { screen: 'runs', environment: state.environment } }],
      };
    case 'back':
      return { state, effects: [{ kind: 'back' }, ...goesOn(state)] };
    default:
      return { state: movedBy(state, action, context) };
  }
}

/** Whoever leaves its page hears where it is to be seen again. */
function goesOn({ run, lost: gone }: RunState): readonly Effect[] {
  const text = `${run === undefined ? 'The run' : `Run ${run}`} goes on. H shows it.`;
  return gone ? [] : [{ kind: 'say', level: 'info', text }];
}

/** The way back is a backup while the run is at work; what it left is asked of the target once it is gone. */
function waysFrom({ environment, lost: gone }: RunState): ScreenRequest {
  return gone ? { screen: 'recovery', environment } : { screen: 'backups', environment };
}

/** At once, and it says what it does; a second one within two seconds asks the process itself to end. */
function stopped(state: RunState, { now }: Context): RunStep {
  if (state.lost) return { state, effects: [{ kind: 'quit' }] };
  if (state.run === undefined) {
    return {
      state,
      effects: [{ kind: 'say', level: 'info', text: 'The run has not begun yet: nothing was changed.' }],
    };
  }
  const again = state.stopAsked !== undefined && now - state.stopAsked < 2000;
  const text = again
    ? `The process of run ${state.run} is asked to end.`
    : sentences({
        message: 'Stopping at the next boundary',
        next: state.view.stopping && withStop(state.view.stopping),
      });
  return {
    state: { ...state, stopAsked: now },
    effects: [
      { kind: 'stop', run: state.run, how: again ? 'process' : 'boundary' },
      { kind: 'say', level: 'info', text },
    ],
  };
}

/** The last statement means the one that runs, from then on. */
function movedBy(state: RunState, action: string, { rows }: Context): RunState {
  const migration = shownMigration(state);
  if (!migration) return state;
  const at = state.cursor === 'follow' ? currentStatement(migration) : state.cursor;
  const to = scrolled(action, { at: at - 1, last: (migration.of ?? 1) - 1, page: rows });
  return to === undefined ? state : { ...state, cursor: to + 1 };
}

function openMigration(state: RunState): readonly Effect[] {
  const migration = shownMigration(state);
  if (!migration) return [];
  const { database, tag } = migration;
  return [{ kind: 'open', request: { screen: 'migration', database, tag, environment: state.environment } }];
}
