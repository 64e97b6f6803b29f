import type { Context, Effect, Message, RememberedView, ScreenRequest, Step } from '../../screen.ts';
import type { Key } from '../../keyboard/key.ts';
import { windowTop } from '../../present/window.ts';
import { hasCase } from '../../app/jobs.ts';
import { bookkeepingOf } from '../../app/bookkeeping.ts';
import { jobEffects } from '../../app/job-keys.ts';
import { rollbackOf } from '../../app/rollback.ts';
import { databaseAfter, type DatabaseAction } from '../databases.ts';
import { filterAfter, filterTyped } from '../filter.ts';
import { environmentAt, meantAt } from './keys.ts';
import { layoutOf } from './layout.ts';
import {
  columnAt,
  databasesOf,
  gridFor,
  migrationId,
  rowAt,
  rowIndex,
  type EnvironmentsState,
  type KnownMigration,
} from './state.ts';

type Next = Step<EnvironmentsState>;

export function reduce(state: EnvironmentsState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'action':
      return looked(inSight(act(state, message.action, message.key, context), context), context);
    case 'key':
    case 'paste':
      return looked({ state: { ...state, filter: filterTyped(state.filter, message) } }, context);
    case 'answer':
      return message.report.kind === 'migration'
        ? { state: withKnown(state, { kind: 'read', report: message.report }) }
        : { state };
    case 'ended':
      // Asked for again, or answered: nothing is left to say.
      return message.error === undefined || message.id !== 'migration'
        ? { state }
        : { state: withKnown(state, { kind: 'failed', error: message.error }) };
    case 'remembered':
      return looked({ state: asLeft(state, message.view, context) }, context);
    case 'shown':
    case 'tick':
    case 'status':
      return looked({ state }, context);
    case 'event':
      return { state };
  }
}

/**
 * As it was left the last time; an environment that is gone leaves the cursor on the first. A filter is not taken up
 * again: nobody remembers that it hides what became pending since.
 */
function asLeft(state: EnvironmentsState, view: RememberedView, context: Context): EnvironmentsState {
  const column = [...context.environments.keys()].indexOf(view.environment ?? '');
  return { ...state, column: Math.max(0, column), shows: view.shows, row: view.row };
}

/** Keeps the cursor's row in the window, which moves no further than it must. */
function inSight(step: Next, context: Context): Next {
  const { state } = step;
  const grid = gridFor(state, context);
  const { list } = layoutOf(grid, {
    columns: context.columns,
    rows: context.rows,
    column: state.column,
    zoom: state.zoom,
  });
  const cursor = Math.max(0, rowIndex(state, grid));
  const top = windowTop({ top: state.top, cursor, height: list, length: grid.rows.length });
  return top === state.top ? step : { ...step, state: { ...state, top } };
}

/** A cursor that rests for this long means to look; one that passes asks nothing. In milliseconds. */
const rest = 150;

/** Asks about the migration under the cursor once it rests there, and never twice about the same text. */
function looked(step: Next, context: Context): Next {
  const { state } = step;
  const at = migrationId(rowAt(state, gridFor(state, context)), context);
  if (at !== undefined && at.id === state.asked?.id) return step;
  if (at === undefined || state.migrations.has(at.id)) return passed(step);
  const args = ['migration', at.tag, '--database', at.database];
  const ask: Effect = { kind: 'ask', id: 'migration', args, after: rest };
  const asked = { id: at.id, since: context.now };
  return { state: { ...state, asked }, effects: [...(step.effects ?? []), ask] };
}

/** The cursor left what was being asked about for what is known, or for what has no SQL. */
function passed(step: Next): Next {
  if (step.state.asked === undefined) return step;
  const forget: Effect = { kind: 'forget', id: 'migration' };
  return { state: { ...step.state, asked: undefined }, effects: [...(step.effects ?? []), forget] };
}

function act(state: EnvironmentsState, action: string, key: Key, context: Context): Next {
  // The filter is cleared before the zoom is left: one step back a key.
  const filter = filterAfter(state.filter, action);
  if (filter) return { state: { ...state, filter } };
  switch (action) {
    case 'down':
      return { state: moved(state, context, 1) };
    case 'up':
      return { state: moved(state, context, -1) };
    case 'page-down':
      return { state: moved(state, context, halfPage(context)) };
    case 'page-up':
      return { state: moved(state, context, -halfPage(context)) };
    case 'first':
      return { state: at(state, context, 0) };
    case 'last':
      return { state: at(state, context, Number.MAX_SAFE_INTEGER) };
    case 'left':
      return { state: inColumn(state, context, state.column - 1) };
    case 'right':
      return { state: inColumn(state, context, state.column + 1) };
    case 'number':
      return { state: inColumn(state, context, Number(key.name) - 1) };
    case 'database-before':
    case 'database-after':
      return otherDatabase(state, context, action);
    case 'all':
      return { state: { ...state, shows: state.shows === 'all' ? 'exceptions' : 'all' } };
    case 'clear':
      return { state: { ...state, zoom: 'none' } };
    case 'zoom':
      return { state: { ...state, zoom: state.zoom === 'none' ? 'detail' : 'none' } };
    case 'next-match':
      return { state: toMatch(state, context, 1) };
    case 'last-match':
      return { state: toMatch(state, context, -1) };
    case 'open':
      return opened(state, context);
    case 'copy':
      return copied(state, context);
    case 'doctor':
      return open(state, { screen: 'doctor' });
    default:
      return job(state, action, context);
  }
}

function moved(state: EnvironmentsState, context: Context, by: number): EnvironmentsState {
  return at(state, context, rowIndex(state, gridFor(state, context)) + by);
}

/** Puts the cursor on a row by its place; before the first one are the names. */
function at(state: EnvironmentsState, context: Context, index: number): EnvironmentsState {
  const { rows } = gridFor(state, context);
  if (index < 0) return { ...state, row: 'head' };
  return { ...state, row: rows[Math.min(index, rows.length - 1)]?.key ?? 'head' };
}

/** Round the end: after the last match comes the first. */
function toMatch(state: EnvironmentsState, context: Context, by: 1 | -1): EnvironmentsState {
  const grid = gridFor(state, context);
  const { length } = grid.rows;
  return length === 0 ? state : at(state, context, (rowIndex(state, grid) + by + length) % length);
}

function inColumn(state: EnvironmentsState, context: Context, column: number): EnvironmentsState {
  const last = gridFor(state, context).columns.length - 1;
  return { ...state, column: Math.max(0, Math.min(column, last)) };
}

function halfPage({ rows }: Context): number {
  return Math.max(1, Math.floor(rows / 4));
}

function otherDatabase(state: EnvironmentsState, context: Context, action: DatabaseAction): Next {
  const name = databaseAfter(action, databasesOf(context), context.database);
  return name === undefined ? { state } : { state, effects: [{ kind: 'database', name }] };
}

function opened(state: EnvironmentsState, context: Context): Next {
  const grid = gridFor(state, context);
  const row = rowAt(state, grid);
  const { database } = context;
  if (row === undefined || row.kind === 'orphan') return itsState(state, context);
  if (row.kind === 'fold')
    return { state: { ...state, shows: 'all', row: `${rowKind[row.of]}:${row.last}` } };
  if (database === undefined) return { state };
  const environment = environmentAt(state, context)?.name;
  return open(state, { screen: 'migration', database, tag: row.tag, environment });
}

const rowKind = { applied: 'migration', squashed: 'orphan' } as const;

function job(state: EnvironmentsState, action: string, context: Context): Next {
  if (action === 'squash') return squashed(state, context);
  const environment = environmentAt(state, context)?.name;
  if (environment === undefined) return { state };
  switch (action) {
    case 'runs':
      return open(state, { screen: 'runs', environment: undefined });
    case 'bookkeeping':
      return records(state, context);
    case 'rollback': {
      const meant = meantAt(state, context);
      return meant ? open(state, rollbackOf(meant, context)) : { state };
    }
    case 'ways':
      return ways(state, context);
    default:
      return { state, effects: jobEffects(action, environment, context) };
  }
}

/** Up to the row under the cursor; on the newest, and where no migration is, all of it. */
function squashed(state: EnvironmentsState, context: Context): Next {
  const { opening, database } = context;
  const row = rowAt(state, gridFor(state, context));
  const tags =
    opening?.databases.find(({ name }) => name === database)?.migrations.map(({ tag }) => tag) ?? [];
  const tag = row?.kind === 'migration' ? row.tag : row?.kind === 'fold' ? row.last : undefined;
  const to = tag !== undefined && tags.includes(tag) && tag !== tags.at(-1) ? tag : undefined;
  return open(state, { screen: 'squash', database, to });
}

/** What is unfinished has ways out; of what is drifted or silent its page says all that is known. */
function ways(state: EnvironmentsState, context: Context): Next {
  const column = columnAt(state, gridFor(state, context));
  if (column === undefined) return { state };
  const { name } = column.environment;
  const screen = hasCase(column.environment, context) ? 'recovery' : 'environment';
  return open(state, { screen, environment: name });
}

function records(state: EnvironmentsState, context: Context): Next {
  const meant = meantAt(state, context);
  return meant ? open(state, bookkeepingOf(meant, context)) : { state };
}

function itsState(state: EnvironmentsState, context: Context): Next {
  const column = columnAt(state, gridFor(state, context));
  if (column === undefined) return { state };
  return open(state, { screen: 'environment', environment: column.environment.name });
}

function open(state: EnvironmentsState, request: ScreenRequest): Next {
  const effect: Effect = { kind: 'open', request };
  return { state, effects: [effect] };
}

function copied(state: EnvironmentsState, context: Context): Next {
  const row = rowAt(state, gridFor(state, context));
  if (row === undefined || row.kind === 'fold') return { state };
  return { state, effects: [{ kind: 'copy', text: row.tag, what: row.tag }] };
}

function withKnown(state: EnvironmentsState, known: KnownMigration): EnvironmentsState {
  if (state.asked === undefined) return state;
  return { ...state, migrations: new Map(state.migrations).set(state.asked.id, known), asked: undefined };
}
