import { bookkeepingBlocked, bookkeepingOf, type Meant } from '../../app/bookkeeping.ts';
import { jobKeys } from '../../app/job-keys.ts';
import { rollbackBlocked, rollbackWords } from '../../app/rollback.ts';
import { fetchBlocked } from '../../app/fetching.ts';
import { deployBlocked, hasCase, squashBlocked } from '../../app/jobs.ts';
import type { Binding, Context, KnownEnvironment } from '../../screen.ts';
import { databaseBindings } from '../databases.ts';
import { filterBinding, isFiltering } from '../filter.ts';
import { columnAt, databasesOf, gridFor, notesIn, rowAt, type EnvironmentsState } from './state.ts';

type Row = Binding<EnvironmentsState>;

/** The environment that the cursor is on. */
export function environmentAt(state: EnvironmentsState, context: Context): KnownEnvironment | undefined {
  return columnAt(state, gridFor(state, context))?.environment;
}

/** Whose record `m` is about: the migration under the cursor, on a name the whole environment. */
export function meantAt(state: EnvironmentsState, context: Context): Meant | undefined {
  const grid = gridFor(state, context);
  const column = columnAt(state, grid);
  if (column === undefined) return undefined;
  const environment = column.environment.name;
  const row = rowAt(state, grid);
  if (row === undefined || row.kind === 'fold') return { environment, item: undefined };
  const cell = row.cells[grid.columns.indexOf(column)];
  const known = cell?.kind === 'item' ? cell.item.state : undefined;
  return { environment, item: { tag: row.tag, state: row.kind === 'orphan' ? 'orphan' : known } };
}

function recordLabel(meant: Meant | undefined): string {
  return meant?.item === undefined ? 'baseline' : 'record';
}

const job = jobKeys<EnvironmentsState>((state, context) => environmentAt(state, context)?.name);

const jobs: readonly Row[] = [
  job('ways', {
    help: 'what is wrong here, and what leads out',
    footer: (state, context) => (needsEyes(environmentAt(state, context), context) ? 1 : undefined),
    blocked: (state, context) => {
      const environment = environmentAt(state, context);
      return needsEyes(environment, context)
        ? undefined
        : `nothing is wrong in ${environment?.name ?? 'any environment'}`;
    },
  }),
  job('deploy', { footer: 10 }),
  job('dry-run', {
    footer: (state, context) =>
      deployBlocked(context, environmentAt(state, context)?.name) === undefined ? 11 : undefined,
  }),
  job('compare', { footer: 3 }),
  job('verify', { footer: 12 }),
  job('backups'),
  job('rollback', {
    help: 'take this migration and what came after it back by their rollback files; on a name, the newest: opens its review',
    blocked: (state, context) => {
      const meant = meantAt(state, context);
      return meant ? rollbackBlocked(meant, context) : 'no environment is known yet';
    },
    command: (state, context) => {
      const meant = meantAt(state, context);
      return meant && rollbackWords(meant, context);
    },
  }),
  {
    keys: ['s'],
    action: 'squash',
    label: 'squash',
    help: 'one file of the history up to this row, of all of it on the newest: opens its review',
    group: 'jobs',
    footer: (_state, context) => (isYoung(context) ? 29 : undefined),
    blocked: (_state, context) => squashBlocked(context),
    command: () => ['squash'],
  },
  job('bookkeeping', {
    label: (state, context) => recordLabel(meantAt(state, context)),
    help: 'record this migration as applied, or take its record away; on a name: baseline, the place that its schema is',
    blocked: (state, context) => {
      const meant = meantAt(state, context);
      return meant ? bookkeepingBlocked(meant, context) : 'no environment is known yet';
    },
    command: (state, context) => {
      const meant = meantAt(state, context);
      return meant && bookkeepingOf(meant, context).words;
    },
  }),
  job('fetch', {
    footer: (state, context) =>
      mayHaveFallenBehind(environmentAt(state, context), context) ? 28 : undefined,
  }),
  job('runs', { footer: 30, command: () => ['runs'] }),
];

const moves: readonly Row[] = [
  { keys: ['j', 'down'], action: 'down', label: 'down', help: 'the row below', group: 'move' },
  { keys: ['k', 'up'], action: 'up', label: 'up', help: 'the row above, and the names', group: 'move' },
  { keys: ['h', 'left'], action: 'left', label: 'left', help: 'the environment before', group: 'move' },
  { keys: ['l', 'right'], action: 'right', label: 'right', help: 'the environment after', group: 'move' },
  { keys: ['g', 'home'], action: 'first', label: 'first', help: 'the newest', group: 'move' },
  { keys: ['G', 'end'], action: 'last', label: 'last', help: 'the oldest', group: 'move' },
  {
    keys: ['ctrl-d', 'pagedown'],
    action: 'page-down',
    label: 'page',
    help: 'half a page down',
    group: 'move',
  },
  { keys: ['ctrl-u', 'pageup'], action: 'page-up', label: 'page', help: 'half a page up', group: 'move' },
  {
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    action: 'number',
    label: 'environment',
    help: 'the environment with this number',
    group: 'move',
  },
  ...databaseBindings<EnvironmentsState>((_state, context) => databasesOf(context)),
];

const views: readonly Row[] = [
  {
    keys: ['enter'],
    action: 'open',
    label: 'open',
    help: 'the migration; on a name, the state of the environment',
    group: 'open',
    footer: 2,
  },
  {
    keys: ['a'],
    action: 'all',
    label: ({ shows }) => (shows === 'exceptions' ? 'all' : 'unsettled'),
    help: 'all migrations, or only what needs eyes',
    group: 'view',
    footer: 20,
  },
  filterBinding({ help: 'only names with this text', footer: 21 }),
  {
    keys: ['n'],
    action: 'next-match',
    label: 'next match',
    help: 'the next row that the filter finds',
    group: 'view',
    footer: ({ filter }) => (filter.text === '' ? undefined : 3),
    blocked: ({ filter }) => (filter.text === '' ? 'no filter is set, / sets one' : undefined),
  },
  {
    keys: ['N'],
    action: 'last-match',
    label: 'last match',
    help: 'the row before that the filter finds',
    group: 'view',
    blocked: ({ filter }) => (filter.text === '' ? 'no filter is set, / sets one' : undefined),
  },
  {
    keys: ['z'],
    action: 'zoom',
    label: ({ zoom }) => (zoom === 'none' ? 'zoom' : 'whole table'),
    help: 'the part that follows the cursor over the whole screen, and back',
    group: 'view',
    footer: ({ zoom }) => (zoom === 'none' ? undefined : 3),
  },
  {
    keys: ['esc'],
    action: 'clear',
    label: ({ filter, zoom }) => (zoom === 'detail' && !isFiltering(filter) ? 'whole table' : 'clear filter'),
    help: 'clear the filter, leave the zoom',
    group: 'view',
    footer: ({ filter }) => (isFiltering(filter) ? 0 : undefined),
  },
  { keys: ['y'], action: 'copy', label: 'copy', help: 'copy the name of the migration', group: 'take' },
  {
    keys: ['i'],
    action: 'doctor',
    label: 'notes',
    help: 'what is said of the project, its folders and this machine',
    group: 'view',
    footer: (_state, { opening }) => (opening !== undefined && notesIn(opening) > 0 ? 4 : undefined),
    command: () => ['doctor'],
  },
];

/** The keys of the environments. */
export const bindings: readonly Row[] = [...moves, ...views, ...jobs];

/** A database of this machine that is behind, or is not what its files say: what another one has may be the shorter way. */
function mayHaveFallenBehind(environment: KnownEnvironment | undefined, context: Context): boolean {
  const targets = environment?.status?.targets ?? [];
  return (
    fetchBlocked(environment?.name, context) === undefined &&
    targets.every(({ engine }) => !engine.endsWith('-remote')) &&
    targets.some(({ state }) => state.includes('behind') || state.includes('drifted'))
  );
}

/** Nobody's production ran the history yet, and it has some length: the best time to make one file of it. */
function isYoung({ environments, opening, database }: Context): boolean {
  const found = opening?.databases.find(({ name }) => name === database);
  const guarded = [...environments.values()].filter((one) => one.protected);
  const ranNothing = ({ status }: KnownEnvironment): boolean =>
    status?.targets.every(
      (target) =>
        target.database !== database || (target.applied === 0 && !target.state.includes('unreachable')),
    ) ?? false;
  return (found?.migrations.length ?? 0) > 1 && guarded.every(ranNothing);
}

/** Something in it has a way out, or it is otherwise than it should be. */
function needsEyes(environment: KnownEnvironment | undefined, context: Context): boolean {
  const states = environment?.status?.targets.flatMap(({ state }) => state) ?? [];
  return (
    hasCase(environment, context) || states.some((state) => state === 'drifted' || state === 'unreachable')
  );
}
