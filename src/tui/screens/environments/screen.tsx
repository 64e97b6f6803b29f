import { Box } from 'ink';
import type { ReactElement } from 'react';
import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { age } from '../../../lib/time.ts';
import { deployBlocked } from '../../app/jobs.ts';
import { Lines } from '../../components/text.tsx';
import type { Line } from '../../present/line.ts';
import { useSigns } from '../../signs.ts';
import type { Context, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { filterText, listensTo } from '../filter.ts';
import { detailLines } from './detail.ts';
import { emptyLines } from './empty.ts';
import { bindings } from './keys.ts';
import { layoutOf, leastFree, type MatrixLayout } from './layout.ts';
import { matrixLines, type MatrixView } from './matrix.ts';
import { reduce } from './reduce.ts';
import {
  columnAt,
  databasesOf,
  firstState,
  gridFor,
  knownAt,
  migrationId,
  notesIn,
  rowAt,
  rowIndex,
  type EnvironmentsState,
} from './state.ts';
import { tabLines } from './tabs.ts';

/** Where is what, and where is something wrong: migrations down, environments across. */
export const environments: Screen<EnvironmentsState, RequestOf<'environments'>> = {
  name: 'environments',
  open: () => ({ state: firstState }),
  reduce,
  bindings,
  header,
  listens: listensTo,
  ticks: () => 1000,
  remember: (state, context) => ({
    database: context.database,
    environment: columnAt(state, gridFor(state, context))?.environment.name,
    shows: state.shows,
    row: state.row,
  }),
  View,
};

function header(_state: EnvironmentsState, context: Context): HeaderView {
  const count = { text: quantity(context.environments.size, 'environment'), tone: 'text' } as const;
  return {
    path: [],
    tabs: { names: databasesOf(context), current: context.database },
    right:
      context.environments.size === 0
        ? []
        : [count, ...noted(context), { text: freshness(context), tone: 'dim' }],
  };
}

/** That something is said of the project: `i` shows it. */
function noted({ opening }: Context): HeaderView['right'] {
  const count = opening === undefined ? 0 : notesIn(opening);
  return count === 0 ? [] : [{ text: quantity(count, 'note'), tone: 'warn' }];
}

/** `read 4 s ago`, by the oldest answer; while some are asked, how many are not. */
function freshness({ environments: all, now }: Context): string {
  const known = [...all.values()];
  const waiting = known.filter(({ asking }) => asking !== 'no').length;
  if (waiting > 0) return `asking ${waiting} of ${known.length}`;
  const times = known.flatMap(({ readAt }) => readAt ?? []);
  if (times.length === 0) return 'not read yet';
  return `read ${age(new Date(Math.min(...times)).toISOString(), new Date(now))} ago`;
}

function View({ state, context }: ViewProps<EnvironmentsState>): ReactElement {
  const signs = useSigns();
  const grid = gridFor(state, context);
  const layout = layoutOf(grid, {
    columns: context.columns,
    rows: context.rows,
    column: state.column,
    zoom: state.zoom,
  });
  const row = rowIndex(state, grid);
  const column = Math.min(state.column, Math.max(0, grid.columns.length - 1));
  const filter = filterText(state.filter, signs);
  const matrix: MatrixView = { grid, layout, row, column, top: state.top, now: context.now, filter };
  const list = layout.form === 'tabs' ? tabLines(signs, matrix) : matrixLines(signs, matrix);
  const detail = detailFor(signs, state, context, placed(layout, { row, free: context.rows - list.length }));
  if (layout.detail.place === 'all') return <Lines lines={detail} />;
  const empty = grid.rows.length === 0 ? emptyLines(state, context) : [];
  if (layout.detail.place === 'beside') {
    return (
      <Box>
        <Box width={layout.width + 2} flexShrink={0}>
          <Lines lines={[...list, ...empty]} />
        </Box>
        <Lines lines={[...(layout.air === 1 ? [[]] : []), ...detail]} />
      </Box>
    );
  }
  return <Lines lines={[...list, ...empty, ...(empty.length > 0 ? [] : detail)].slice(0, context.rows)} />;
}

/** Among tabs the rows that a short list leaves free are for what the cursor is on; of the environment they say it above. */
function placed(
  layout: MatrixLayout,
  { row, free }: { readonly row: number; readonly free: number },
): MatrixLayout {
  if (layout.form !== 'tabs' || layout.detail.place !== 'none' || row < 0 || free < leastFree) return layout;
  return { ...layout, detail: { place: 'below', width: layout.width, height: free } };
}

function detailFor(
  signs: Signs,
  state: EnvironmentsState,
  context: Context,
  layout: MatrixLayout,
): readonly Line[] {
  const { place, width, height } = layout.detail;
  if (place === 'none') return [];
  const grid = gridFor(state, context);
  const row = rowAt(state, grid);
  const id = migrationId(row, context)?.id;
  const column = columnAt(state, grid);
  return detailLines(signs, {
    grid,
    row,
    column,
    index: column === undefined ? 0 : grid.columns.indexOf(column),
    known: id === undefined ? undefined : knownAt(state, id),
    blocked: deployBlocked(context, column?.environment.name),
    now: context.now,
    width,
    height,
    place: place === 'beside' ? 'beside' : 'below',
  });
}

/** Why there is no row: not read yet, nothing that fits the filter, or no migration at all. */
