import { MigrateError } from '../../lib/errors.ts';
import { journalConflicts, type JournalConflict } from '../../migrations/journal-conflicts.ts';
import type { Migration } from '../../migrations/migration.ts';
import { readFolder } from '../../migrations/read-folder.ts';
import { branchOrder, type BranchOrder } from '../../operations/history/branch-order.ts';
import type { Database } from '../../project/project.ts';
import { kitNeededFor, kitOf } from '../kit/kit-of.ts';
import { madeAnew } from './made-anew.ts';
import { ownSnapshots, type OwnSnapshot } from './own-snapshots.ts';
import { proveOrder } from './prove-order.ts';
import { putAfter, type Moved } from './put-after.ts';
import type { RepairedCopy } from './repair.ts';
import { replayedLike, type ToRepair } from './to-repair.ts';
import type { WhyStays } from './where-run.ts';

/** A folder of Drizzle 0.x: the migrations of one branch after those of the other. Undefined: nothing contradicts itself. */
export async function repairJournal(toRepair: ToRepair): Promise<RepairedCopy | undefined> {
  const { database, copy, signal } = toRepair;
  const conflicts = await conflictsIn(database.directory, database);
  if (conflicts.length === 0) return undefined;
  const { migrations } = await readFolder({ directory: copy, dialect: database.dialect });
  const tags = migrations.map(({ tag }) => tag);
  const snapshots = await ownSnapshots(database.directory, tags, signal);
  const why = await toRepair.why();
  const entries = tags.map((tag) => ({ tag, snapshot: snapshots.get(tag) }));
  const order = branchOrder(entries, conflicts, (tag) => why(tag) === undefined);
  if (order.kind === 'stuck') throw bothRan(order, why);
  const [first, ...others] = await moveIn(toRepair, { order, snapshots, migrations });
  if (!first) throw new Error('Migrations that contradict each other were found, and none to be moved.');
  const left = await conflictsIn(copy, database);
  if (left.length === 0) return { kind: 'moved', moved: [first, ...others] };
  throw new MigrateError(
    'refused',
    `${left.map(({ tag }) => tag).join(', ')} would still contradict what stands before. Nothing was changed.`,
    { next: 'migrate-tui check says for each what to do by hand.' },
  );
}

/** wrangler goes by names, others by numbers: times mean nothing to them. */
async function conflictsIn(
  directory: string,
  { bookkeeping }: Database,
): Promise<readonly JournalConflict[]> {
  const found = await journalConflicts(directory);
  return found.filter(({ kind }) => kind !== 'older-time' || bookkeeping === 'drizzle');
}

interface ToMove {
  readonly order: Extract<BranchOrder, { kind: 'moves' }>;
  readonly snapshots: ReadonlyMap<string, OwnSnapshot>;
  /** As they stand in the journal. */
  readonly migrations: readonly Migration[];
}

async function moveIn(toRepair: ToRepair, toMove: ToMove): Promise<readonly Moved[]> {
  const { workspace, database, copy, signal } = toRepair;
  const { order, snapshots, migrations } = toMove;
  const lost = order.moved.filter((tag) => !snapshots.has(tag));
  const [only] = lost;
  if (only === undefined) {
    const moved = await putAfter({ copy, ...order, snapshots });
    await prove(toRepair, toMove, moved);
    return moved;
  }
  const migration = migrations.find(({ tag }) => tag === only);
  if (order.moved.length > 1 || !migration) throw snapshotsLost(lost);
  const kit = await kitNeededFor(workspace, database, { signal });
  const { dialect } = database;
  return [await madeAnew(copy, migration, { kit, dialect, root: workspace.project.root, signal })];
}

async function prove(
  toRepair: ToRepair,
  { order, snapshots }: ToMove,
  moved: readonly Moved[],
): Promise<void> {
  const { workspace, database, copy, signal } = toRepair;
  const { migrations } = await readFolder({ directory: copy, dialect: database.dialect });
  const isMoved = new Set(moved.map(({ to }) => to));
  const kept = migrations.filter(({ tag }) => !isMoved.has(tag));
  const first = snapshots.get(order.moved[0] ?? '');
  const fork = kept.findIndex(({ tag }) => snapshots.get(tag)?.id === first?.prevId);
  const branch = migrations.filter(({ tag }) => isMoved.has(tag));
  await proveOrder({
    migrations,
    asMade: fork === -1 ? undefined : kept.toSpliced(fork + 1, 0, ...branch),
    copy,
    dialect: database.dialect,
    kit: await kitOf(workspace, database, { signal }),
    scratch: workspace.places.scratch,
    how: replayedLike(toRepair),
  });
}

function bothRan({ earlier, tag }: Extract<BranchOrder, { kind: 'stuck' }>, why: WhyStays): MigrateError {
  return new MigrateError('refused', `${why(tag) ?? ''} ${why(earlier) ?? ''} Nothing was changed.`, {
    next: 'What has run keeps its name and its time. migrate-tui generate writes a migration whose snapshot has what both made: take the statements out of it that have run already.',
  });
}

function snapshotsLost(tags: readonly string[]): MigrateError {
  return new MigrateError(
    'refused',
    `The snapshots of ${tags.join(', ')} are neither in the folder nor in git, so they cannot be put after the others. Nothing was changed.`,
    {
      next: 'Bring the branch that has them into this repository (git fetch), or do it by hand: take them away from the newest on, each with its journal entry and snapshot, then run migrate-tui generate.',
    },
  );
}
