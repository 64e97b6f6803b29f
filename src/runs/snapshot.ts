import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Lease } from '../bookkeeping/lease.ts';
import { unfinishedTexts, type Unfinished } from '../bookkeeping/unfinished.ts';
import type { Engine } from '../engines/engine.ts';
import type { Migration } from '../migrations/migration.ts';
import { halvesWithoutFile } from '../operations/diagnosis/half-without-file.ts';
import type { HistoryNote } from '../operations/history/notes.ts';
import { lineUp, type History } from '../operations/history/history.ts';
import { takenBackIn } from '../operations/rollback/taken-back.ts';
import { migrationsFor } from '../operations/squash/squashed-records.ts';
import { tracesByTag, type LiveNames, type Traces } from '../operations/diagnosis/traces-of.ts';
import { compareTables, describeTwoTables, type TwoTables } from '../operations/history/two-tables.ts';
import { readNames } from './live-names.ts';
import { currentLease } from './lock/lock.ts';
import { recordsBeside } from './records-beside.ts';

/** A target as it is now: its records lined up with the files, and who holds its lock. */
export interface Snapshot {
  /** Told which columns the target's tracking table has. */
  readonly bookkeeping: Bookkeeping;
  readonly entries: readonly Entry[];
  /** Those of the folder; where the target is in the middle of what was squashed, with the originals of that. */
  readonly migrations: readonly Migration[];
  readonly history: History;
  readonly lease: Lease | undefined;
  /** What it keeps of migrations in parts that have no record. */
  readonly unfinished?: readonly Unfinished[];
  /** There when a table without hashes decides and another runner's has records, too. */
  readonly beside?: TwoTables;
}

/**
 * Reads one target; never writes.
 *
 * @param engine undefined when the database does not exist yet: it is an empty one
 */
export async function readSnapshot(
  engine: Pick<Engine, 'query' | 'remark'> | undefined,
  {
    migrations: ofFolder,
    bookkeeping,
    knownHashes,
  }: {
    readonly migrations: readonly Migration[];
    readonly bookkeeping: Bookkeeping;
    /** What our own ledger knows of files that were applied here, by tag. */
    readonly knownHashes?: ReadonlyMap<string, string>;
  },
): Promise<Snapshot> {
  if (!engine) return ofNothing(ofFolder, bookkeeping);
  const [{ shaped, entries, live }, others, lease, noted] = await Promise.all([
    readRecords(engine, { bookkeeping, migrations: ofFolder }),
    recordsBeside(engine, bookkeeping),
    currentLease(engine.query),
    readUnfinished(engine.query, bookkeeping),
  ]);
  const migrations = await migrationsFor(ofFolder, entries, shaped);
  const known = { migrations, bookkeeping: shaped, entries, ...(knownHashes ? { knownHashes } : {}) };
  const first = lineUp(known);
  const open = new Set(openTags(first));
  const unfinished = noted.filter(({ tag, what }) => what === 'run' && open.has(tag));
  const withoutFile = halvesWithoutFile(noted, { migrations, entries });
  const traces = new Map([...(await readTraces(engine, first, live)), ...tracesIn(unfinished)]);
  const history = lineUp({ ...known, traces });
  const takenBack = takenBackIn(history.items, noted);
  const compared = others.map((other) =>
    compareTables({ migrations, own: { bookkeeping: shaped, entries }, other }),
  );
  // One at a time: the one that says more than the table that decides.
  const beside = compared.find(({ onlyOther }) => onlyOther.length > 0) ?? compared[0];
  const notes = [...history.notes, ...compared.map((one) => noteOf(one, shaped)), ...remarkOf(engine)];
  return {
    bookkeeping: shaped,
    entries,
    migrations,
    history: {
      ...history,
      notes,
      ...(withoutFile.length > 0 && { withoutFile }),
      ...(takenBack.length > 0 && { takenBack }),
    },
    lease,
    ...(unfinished.length > 0 && { unfinished }),
    ...(beside && { beside }),
  };
}

/** A database that does not exist yet. */
function ofNothing(migrations: readonly Migration[], bookkeeping: Bookkeeping): Snapshot {
  const known = { migrations, bookkeeping: bookkeeping.withShape([]), entries: [] };
  return { ...known, history: lineUp(known), lease: undefined };
}

/** What the target keeps of migrations in parts. */
async function readUnfinished(
  query: Engine['query'],
  { quoted }: Bookkeeping,
): Promise<readonly Unfinished[]> {
  if (query.dialect !== 'postgres' || (await query(unfinishedTexts.exists)).length === 0) return [];
  return unfinishedTexts.parse(await query(unfinishedTexts.read(quoted)));
}

function openTags({ items }: History): readonly string[] {
  return items.flatMap((item) =>
    item.kind === 'pending' || item.kind === 'skipped' ? [item.migration.tag] : [],
  );
}

function tracesIn(unfinished: readonly Unfinished[]): readonly (readonly [string, Traces])[] {
  return unfinished.map(({ tag, done, of }) => [tag, { kind: 'stopped', after: done, of, seen: 'noted' }]);
}

interface Records {
  readonly shaped: Bookkeeping;
  readonly entries: readonly Entry[];
  /** Undefined: not read. */
  readonly live: LiveNames | undefined;
}

/** The records, and in the same breath the live names where fewer are recorded than there are files. */
async function readRecords(
  engine: Pick<Engine, 'query'>,
  {
    bookkeeping,
    migrations,
  }: { readonly bookkeeping: Bookkeeping; readonly migrations: readonly Migration[] },
): Promise<Records> {
  const shaped = bookkeeping.withShape(await engine.query(bookkeeping.shape));
  if (!shaped.exists) return { shaped, entries: [], live: await readNames(engine.query) };
  const someAreOpen = `(SELECT count(*) FROM ${shaped.quoted}) < ${migrations.length}`;
  const [entries, live] = await Promise.all([
    readEntries(engine, shaped),
    readNames(engine.query, someAreOpen),
  ]);
  // The tracking table itself has a name.
  return { shaped, entries, live: live.tables.size === 0 ? undefined : live };
}

function noteOf(beside: TwoTables, { table }: Bookkeeping): HistoryNote {
  return { message: describeTwoTables(beside, table) };
}

function remarkOf(engine: Pick<Engine, 'remark'>): readonly HistoryNote[] {
  const message = engine.remark?.();
  return message === undefined ? [] : [{ message }];
}

/** What a target's own tracking table says now. */
export async function readHistory(
  engine: Pick<Engine, 'query'>,
  bookkeeping: Bookkeeping,
): Promise<{ readonly shaped: Bookkeeping; readonly entries: readonly Entry[] }> {
  const shaped = bookkeeping.withShape(await engine.query(bookkeeping.shape));
  return { shaped, entries: await readEntries(engine, shaped) };
}

/** All records of a target; none when it has no tracking table yet. */
export async function readEntries(
  engine: Pick<Engine, 'query'>,
  bookkeeping: Bookkeeping,
): Promise<readonly Entry[]> {
  return bookkeeping.exists ? bookkeeping.parse(await engine.query(bookkeeping.read)) : [];
}

/** What migrations without a record left in the schema; the live names are needed only when there is one. */
async function readTraces(
  engine: Pick<Engine, 'query'>,
  history: History,
  live: LiveNames | undefined,
): Promise<ReadonlyMap<string, Traces>> {
  const open = history.items.flatMap((item) =>
    item.kind === 'pending' || item.kind === 'skipped' ? [item.migration] : [],
  );
  if (open.length === 0) return new Map();
  const recorded = history.items.flatMap((item) => (item.kind === 'applied' ? [item.migration] : []));
  return tracesByTag(open, live ?? (await readNames(engine.query)), recorded);
}
