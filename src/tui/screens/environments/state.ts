import type { MigrationReport, StatusOpening } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import type { Context } from '../../screen.ts';
import { noFilter, type Filter } from '../filter.ts';
import { gridOf, type Column, type Grid, type GridRow } from './grid.ts';

export interface EnvironmentsState {
  /** The row under the cursor by its key, so that it stays there when rows come and go; `head`: the names. */
  readonly row: string;
  /** The environment under the cursor. */
  readonly column: number;
  readonly top: number;
  readonly shows: 'exceptions' | 'all';
  readonly filter: Filter;
  /** `detail`: the part that follows the cursor fills the screen. */
  readonly zoom: 'none' | 'detail';
  /** What was read about migrations, by database, tag and content. */
  readonly migrations: ReadonlyMap<string, KnownMigration>;
  /** The one that is being read, so that resting on it asks once. */
  readonly asked: { readonly id: string; readonly since: number } | undefined;
}

export type KnownMigration =
  | { readonly kind: 'asking'; readonly since: number }
  | { readonly kind: 'read'; readonly report: MigrationReport }
  | { readonly kind: 'failed'; readonly error: MigrateErrorView };

export const firstState: EnvironmentsState = {
  row: '',
  column: 0,
  top: 0,
  shows: 'exceptions',
  filter: noFilter,
  zoom: 'none',
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

/** A file that was edited since is another one. Undefined: the cursor is on nothing that has SQL. */
export function migrationId(
  row: GridRow | undefined,
  { database, opening }: Context,
): { readonly id: string; readonly database: string; readonly tag: string } | undefined {
  if (row?.kind !== 'migration' || database === undefined) return undefined;
  const file = opening?.databases
    .find(({ name }) => name === database)
    ?.migrations.find(({ tag }) => tag === row.tag);
  return { id: `${database}/${row.tag}@${file?.hash ?? ''}`, database, tag: row.tag };
}

/** What is known of the migration under the cursor. */
export function knownAt({ migrations, asked }: EnvironmentsState, id: string): KnownMigration | undefined {
  return migrations.get(id) ?? (asked?.id === id ? { kind: 'asking', since: asked.since } : undefined);
}

function holds({ first, last }: { readonly first: string; readonly last: string }, key: string): boolean {
  const tag = key.replace(/^(?:migration|orphan):/, '');
  return tag >= first && tag <= last;
}

/** How much is said of the project and of its folders that somebody ought to read once. */
export function notesIn({ notes, databases }: StatusOpening): number {
  return databases.reduce((sum, { notes: ofFolder }) => sum + ofFolder.length, notes.length);
}

/** Those that the header shows as tabs. */
export function databasesOf({ opening }: Context): readonly string[] {
  return opening?.databases.map(({ name }) => name) ?? [];
}
