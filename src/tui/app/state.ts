import type { RunEvent } from '../../operations/events.ts';
import type { TraceEntry } from '../../operations/trace.ts';
import type { Context } from '../screen.ts';
import type { Filter } from '../screens/filter.ts';
import type { Mounted } from './mounted.ts';

/** Everything that the screen shows, as one value. */
export interface AppState {
  readonly columns: number;
  readonly rows: number;
  /** The last one is on top. */
  readonly stack: readonly Mounted[];
  /** What screens may know; its size is set from `columns` and `rows` when it is handed to one. */
  readonly context: Context;
  readonly message: { readonly level: 'info' | 'error'; readonly text: string } | undefined;
  readonly overlay: Overlay;
  readonly log: CommandLog;
  readonly runs: readonly StartedRun[];
}

/** What lies over the screen on top and takes its keys. */
export type Overlay =
  | { readonly kind: 'none' }
  | { readonly kind: 'help'; readonly filter: Filter; readonly top: number }
  | { readonly kind: 'palette'; readonly text: string; readonly cursor: number };

/** Everything that left the program, below the screen on top. */
export interface CommandLog {
  readonly shown: 'closed' | 'part' | 'zoomed';
  readonly entries: readonly TraceEntry[];
  readonly cursor: number;
  readonly only: 'all' | 'failed';
  readonly filter: Filter;
  readonly full: 'one-line' | 'in-full';
}

/** A change that this screen started, with what was heard of it. */
export interface StartedRun {
  /** Of the screen that started it, and the name it gave. */
  readonly owner: number;
  readonly id: string;
  readonly pid: number | undefined;
  readonly events: readonly RunEvent[];
  readonly ended: 'no' | { readonly exitCode: number | undefined };
}

/** The number of a run, known once its first event came. */
export function numberOf(run: StartedRun): number | undefined {
  return run.events[0]?.run;
}

/** It said how it ended. Its process may still close what it opened, or tell others: nothing waits for that. */
export function isOver({ events }: Pick<StartedRun, 'events'>): boolean {
  return events.some(({ kind }) => kind === 'done' || kind === 'failed');
}

/** Rows that the command log takes from the body. */
export function logRows({ log, rows }: Pick<AppState, 'log' | 'rows'>): number {
  if (log.shown === 'closed') return 0;
  const body = Math.max(1, rows - frameRows);
  return log.shown === 'zoomed' ? body : Math.min(9, Math.max(1, body - 3));
}

/** Header, message row and footer. */
const frameRows = 3;

/** Rows that are left for the screen on top; 0: the command log fills it. */
export function bodyRows(state: Pick<AppState, 'log' | 'rows'>): number {
  return Math.max(0, state.rows - frameRows - logRows(state));
}

/** The context with the body's size as it is now. */
export function contextOf(state: AppState): Context {
  const rows = Math.max(1, bodyRows(state));
  const { context } = state;
  if (context.columns === state.columns && context.rows === rows) return context;
  return { ...context, columns: state.columns, rows };
}
