import type { MigrationReport } from '../../../operations/reports.ts';
import type { Context } from '../../screen.ts';
import { gridOf, type Column, type Grid, type GridRow } from './grid.ts';

export interface EnvironmentsState {
  /** The row under the cursor by its key, so that it stays there when rows come and go; `head`: the names. */
  readonly row: string;
  /** The environment under the cursor. */
  readonly column: number;
  readonly top: number;
  readonly shows: 'exceptions' | 'all';
  readonly filter: { readonly text: string; readonly typing: 'typing' | 'set' };
  /** What was read about migrations, by `database/tag`. */
  readonly migrations: ReadonlyMap<string, MigrationReport>;
  /** The one that is being read, so that resting on it asks once. */
  readonly asked: string | undefined;
}

export const firstState: EnvironmentsState = {
  row: '',
  column: 0,
  top: 0,
  shows: 'exceptions',
  filter: { text: '', typing: 'set' },
  migrations: new Map(),
  asked: undefined,
};

export function gridFor(state: EnvironmentsState, context: Context): Grid {
  return gridOf(context, { filter: state.filter.text, shows: state.shows });
}

/** Place of the cursor: -1 on the environments' names. A row that is gone leaves it on the first. */
export function rowIndex(state: EnvironmentsState, grid: Grid): number {
  if (state.row === 'head') return -1;
  const found = grid.rows.findIndex(({ key }) => key === state.row);
  if (found >= 0) return found;
  const folded = grid.rows.findIndex((row) => row.kind === 'fold' && holds(row, state.row));
  return Math.max(0, folded);
}

export function rowAt(state: EnvironmentsState, grid: Grid): GridRow | undefined {
  return grid.rows[rowIndex(state, grid)];
}

export function columnAt(state: EnvironmentsState, grid: Grid): Column | undefined {
  return grid.columns[Math.min(state.column, grid.columns.length - 1)];
}

function holds({ first, last }: { readonly first: string; readonly last: string }, key: string): boolean {
  const tag = key.replace(/^migration:/, '');
  return tag >= first && tag <= last;
}
