import { noFilter } from '../screens/filter.ts';
import type { AppState } from './state.ts';

/** What the screen is before anything is known. */
export function firstState(at: {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly motion: 'full' | 'reduced';
  /** As `Context` has it. */
  readonly place: string;
}): AppState {
  const { columns, rows, now, motion, place } = at;
  return {
    columns,
    rows,
    stack: [],
    context: {
      columns,
      rows,
      now,
      motion,
      place,
      opening: undefined,
      failure: undefined,
      environments: new Map(),
      database: undefined,
      running: [],
    },
    message: undefined,
    overlay: { kind: 'none' },
    log: {
      shown: 'closed',
      entries: [],
      cursor: 0,
      only: 'all',
      filter: noFilter,
      full: 'one-line',
    },
    runs: [],
  };
}
