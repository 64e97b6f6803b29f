import { count } from '../../../lib/numbers.ts';
import { widthOf } from '../../present/width.ts';
import type { Grid } from './grid.ts';
import type { Room } from './words.ts';

/** Where the parts of the matrix stand, in cells. */
export interface MatrixLayout {
  readonly form: 'columns' | 'tabs';
  readonly room: Room;
  readonly width: number;
  /** Where the first environment begins. */
  readonly first: number;
  readonly pitch: number;
  /** The environments in sight. */
  readonly from: number;
  readonly shown: number;
  /** Rows for migrations, and for the part below or beside. */
  readonly list: number;
  readonly detail: {
    /** `all`: zoomed, it is all there is. */
    readonly place: 'below' | 'beside' | 'all' | 'none';
    readonly width: number;
    readonly height: number;
  };
  /** Blank rows under the header and around, on a screen with room. */
  readonly air: 0 | 1;
}

/** Below this a word like `◇ unrecorded` would lose its end. */
const leastPitch = 13;
const mostPitch = 22;
/** From here the long forms fit, such as `PROTECTED read-only`. */
const roomyPitch = 20;
/** What the part beside the matrix needs to be of use. */
const leastDetail = 52;

/** Rows that what the cursor is on needs below tabs: its rule, a sentence, and one that parts it from the list. */
export const leastFree = 5;

export interface LayoutInput {
  readonly columns: number;
  readonly rows: number;
  /** The environment under the cursor. */
  readonly column: number;
  readonly zoom: 'none' | 'detail';
}

export function layoutOf(grid: Grid, { columns, rows, column, zoom }: LayoutInput): MatrixLayout {
  const air = rows >= 30 ? 1 : 0;
  const beside = columns >= 160 && rows >= 16;
  const first = firstColumn(grid, columns);
  const wanted = first + grid.columns.length * roomyPitch;
  const width = beside ? Math.min(Math.max(90, wanted), columns - leastDetail) : columns;
  const fits = Math.max(1, Math.floor((width - first) / leastPitchOf(grid)));
  const shown = Math.min(fits, Math.max(1, grid.columns.length));
  const longest = Math.max(0, ...grid.columns.map(({ environment }) => widthOf(environment.name)));
  // Its number before the name, and the gap behind it.
  const wide = Math.max(mostPitch, longest + 4);
  const pitch = Math.min(wide, Math.floor((width - first) / shown));
  const from = Math.max(0, Math.min(column - Math.floor(shown / 2), grid.columns.length - shown));
  const form = columns < 80 ? 'tabs' : 'columns';
  const head = form === 'tabs' ? 2 : 3 + 2 * air;
  const free = Math.max(1, rows - head);
  const base = {
    form,
    room: pitch >= roomyPitch ? 'wide' : 'narrow',
    width,
    first,
    pitch,
    from,
    shown,
    air,
  } as const;
  if (zoom === 'detail') {
    return { ...base, list: free, detail: { place: 'all', width: columns, height: rows } };
  }
  if (form === 'tabs') return { ...base, list: free, detail: { place: 'none', width: 0, height: 0 } };
  if (beside) {
    const detail = { place: 'beside', width: columns - width - 2, height: rows - air } as const;
    return { ...base, list: free, detail };
  }
  return { ...base, ...below(free, grid.rows.length, columns, air) };
}

/** The list gets what it needs, the part below what is left, at least a third of a screen that has one. */
function below(free: number, rows: number, width: number, air: 0 | 1): Pick<MatrixLayout, 'list' | 'detail'> {
  if (free < 8) return { list: free, detail: { place: 'none', width, height: 0 } };
  const least = free >= 24 ? Math.floor(free * 0.5) : 3;
  const list = Math.max(3, Math.min(rows + air, free - least));
  return { list, detail: { place: 'below', width, height: free - list } };
}

/** The figure of an environment that is far behind keeps its end, too. */
function leastPitchOf({ columns }: Grid): number {
  const most = Math.max(0, ...columns.map(({ target }) => target?.pending ?? 0));
  return Math.max(leastPitch, widthOf(`○ behind ${count(most)} `));
}

function firstColumn(grid: Grid, width: number): number {
  const most = width >= 100 ? 32 : 27;
  const longest = grid.rows.reduce(
    (found, row) => Math.max(found, row.kind === 'fold' ? 14 : widthOf(row.tag)),
    16,
  );
  return Math.min(most, Math.max(20, longest + 6));
}
