import type { StatusItem, StatusTarget } from '../../../operations/reports.ts';
import type { Context, KnownEnvironment } from '../../screen.ts';

/** The matrix as data: columns are environments in promotion order, rows are migrations, newest on top. */
export interface Grid {
  readonly columns: readonly Column[];
  readonly rows: readonly GridRow[];
  /** Files, before filter and folding. */
  readonly migrations: number;
}

export interface Column {
  readonly environment: KnownEnvironment;
  /** Of the marked database; undefined while it was not read. */
  readonly target: StatusTarget | undefined;
  /** The same as it was before it stopped answering. */
  readonly before: StatusTarget | undefined;
  readonly location: string;
}

export type GridRow =
  | {
      readonly kind: 'migration';
      readonly key: string;
      readonly tag: string;
      readonly cells: readonly Cell[];
    }
  /** Recorded somewhere, but there is no file. */
  | { readonly kind: 'orphan'; readonly key: string; readonly tag: string; readonly cells: readonly Cell[] }
  /** Neighbours that are applied wherever it is known, or whose files were squashed. */
  | {
      readonly kind: 'fold';
      readonly of: 'applied' | 'squashed';
      readonly key: string;
      readonly first: string;
      readonly last: string;
      readonly count: number;
      readonly cells: readonly Cell[];
    };

export type Cell =
  | { readonly kind: 'item'; readonly item: StatusItem; readonly age: 'now' | 'stale' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'nothing' };

export interface GridOptions {
  readonly filter: string;
  readonly shows: 'exceptions' | 'all';
}

/** The same answer as long as nothing it is made of changed, so that a key costs only what is in sight. */
export function gridOf(context: Context, options: GridOptions): Grid {
  const key = [context.opening, context.environments, context.database, options.filter, options.shows];
  if (last && key.every((part, index) => part === last?.key[index])) return last.grid;
  last = { key, grid: makeGrid(context, options) };
  return last.grid;
}

let last: { readonly key: readonly unknown[]; readonly grid: Grid } | undefined;

function makeGrid(context: Context, { filter, shows }: GridOptions): Grid {
  const { database, opening } = context;
  const columns = columnsOf(context);
  const files = opening?.databases.find(({ name }) => name === database)?.migrations ?? [];
  const tags = files.map(({ tag }) => tag);
  const items = columns.map(itemsOf);
  const known = new Set(tags);
  const wanted = filter.toLowerCase();
  const rows = withOrphans(tags, known, columns)
    .toReversed()
    .filter((tag) => wanted === '' || tag.toLowerCase().includes(wanted))
    .map((tag): GridRow => {
      const cells = columns.map((column, index) => cellOf(column, items[index]?.get(tag)));
      const kind = known.has(tag) ? 'migration' : 'orphan';
      return { kind, key: `${kind}:${tag}`, tag, cells };
    });
  const folded = shows === 'all' || wanted !== '' ? rows : folding(rows);
  return { columns, rows: folded, migrations: files.length };
}

function columnsOf({ opening, environments, database }: Context): readonly Column[] {
  const locations = new Map(
    opening?.environments.map(({ name, targets }) => [
      name,
      targets.find((target) => target.database === database)?.location ?? '',
    ]),
  );
  return [...environments.values()].map((environment) => ({
    environment,
    target: environment.status?.targets.find((target) => target.database === database),
    before: environment.before?.status.targets.find((target) => target.database === database),
    location: locations.get(environment.name) ?? '',
  }));
}

function itemsOf({ target, before }: Column): ReadonlyMap<string, StatusItem> {
  const unreachable = target?.state.includes('unreachable') ?? false;
  const items = unreachable ? (before?.items ?? []) : (target?.items ?? []);
  return new Map(items.map((item) => [item.tag, item]));
}

/** Files in their order; what is recorded without a file stands after what the database has before it. */
function withOrphans(
  tags: readonly string[],
  known: ReadonlySet<string>,
  columns: readonly Column[],
): readonly string[] {
  const after = new Map<string | undefined, string[]>();
  const seen = new Set<string>();
  for (const { target } of columns) {
    let previous: string | undefined;
    for (const { tag } of target?.items ?? []) {
      if (known.has(tag)) previous = tag;
      else if (!seen.has(tag)) {
        seen.add(tag);
        after.set(previous, [...(after.get(previous) ?? []), tag]);
      }
    }
  }
  return seen.size === 0
    ? tags
    : [...(after.get(undefined) ?? []), ...tags.flatMap((tag) => [tag, ...(after.get(tag) ?? [])])];
}

function cellOf({ environment, target, before }: Column, item: StatusItem | undefined): Cell {
  if (target === undefined) {
    if (environment.status !== undefined) return { kind: 'nothing' };
    return environment.asking === 'no' ? { kind: 'unknown' } : { kind: 'asking' };
  }
  const unreachable = target.state.includes('unreachable');
  if (item) return { kind: 'item', item, age: unreachable ? 'stale' : 'now' };
  return unreachable && before === undefined ? { kind: 'unknown' } : { kind: 'nothing' };
}

type Settled = Extract<GridRow, { kind: 'fold' }>['of'];

/** Two or more neighbours that are settled in one way become one row. */
function folding(rows: readonly GridRow[]): readonly GridRow[] {
  const folded: GridRow[] = [];
  let settled: GridRow[] = [];
  let as: Settled | undefined;
  const close = (): void => {
    folded.push(...(as !== undefined && settled.length >= 2 ? [foldOf(settled, as)] : settled));
    settled = [];
  };
  for (const row of rows) {
    const now = settledAs(row);
    if (now !== as) close();
    as = now;
    if (now === undefined) folded.push(row);
    else settled.push(row);
  }
  close();
  return folded;
}

function settledAs({ kind, cells }: GridRow): Settled | undefined {
  const states = new Set(cells.flatMap((cell) => (cell.kind === 'item' ? [cell.item.state] : [])));
  const [state] = states;
  if (states.size !== 1) return undefined;
  // Where its records were tidied, nothing is missing.
  if (state === 'squashed' && kind === 'orphan') return 'squashed';
  return state === 'applied' && cells.every((cell) => cell.kind !== 'nothing') ? 'applied' : undefined;
}

function foldOf(rows: readonly GridRow[], of: Settled): GridRow {
  const first = rows.at(-1);
  const newest = rows[0];
  if (first === undefined || newest === undefined || first.kind === 'fold' || newest.kind === 'fold') {
    throw new Error('Only single migrations are folded.');
  }
  const cells = newest.cells;
  return {
    kind: 'fold',
    of,
    key: `fold:${first.tag}`,
    first: first.tag,
    last: newest.tag,
    count: rows.length,
    cells,
  };
}
