import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Lease } from '../bookkeeping/lease.ts';
import type { Engine } from '../engines/engine.ts';
import type { Migration } from '../migrations/migration.ts';
import type { HistoryNote } from '../operations/history-notes.ts';
import { lineUp, type History } from '../operations/history.ts';
import { tracesByTag, type LiveNames, type Traces } from '../operations/traces-of.ts';
import { describeTwoTables, type TwoTables } from '../operations/two-tables.ts';
import { drizzleBeside, drizzleTable } from './drizzle-beside.ts';
import { tablesToLookInto } from '../schema/tables-to-look-into.ts';
import { currentLease } from './lock.ts';

/** A target as it is now: its records lined up with the files, and who holds its lock. */
export interface Snapshot {
  /** Told which columns the target's tracking table has. */
  readonly bookkeeping: Bookkeeping;
  readonly entries: readonly Entry[];
  readonly history: History;
  readonly lease: Lease | undefined;
  /** There when wrangler's table decides and Drizzle's has records, too. */
  readonly beside?: TwoTables;
}

/**
 * Reads one target; never writes.
 *
 * @param engine undefined when the database does not exist yet: it is an empty one
 */
export async function readSnapshot(
  engine: Pick<Engine, 'query'> | undefined,
  {
    migrations,
    bookkeeping,
    knownHashes,
  }: {
    readonly migrations: readonly Migration[];
    readonly bookkeeping: Bookkeeping;
    /** What our own ledger knows of files that were applied here, by tag. */
    readonly knownHashes?: ReadonlyMap<string, string>;
  },
): Promise<Snapshot> {
  if (!engine) {
    const shaped = bookkeeping.withShape([]);
    return {
      bookkeeping: shaped,
      entries: [],
      history: lineUp({ migrations, bookkeeping: shaped, entries: [] }),
      lease: undefined,
    };
  }
  const shaped = bookkeeping.withShape(await engine.query(bookkeeping.shape));
  const entries = await readEntries(engine, shaped);
  const known = { migrations, bookkeeping: shaped, entries, ...(knownHashes ? { knownHashes } : {}) };
  const bare = lineUp(known);
  const history = lineUp({ ...known, traces: await readTraces(engine, bare) });
  const beside = await drizzleBeside(engine, known);
  return {
    bookkeeping: shaped,
    entries,
    history: beside ? { ...history, notes: [...history.notes, noteOf(beside, shaped)] } : history,
    lease: await currentLease(engine.query),
    ...(beside && { beside }),
  };
}

function noteOf(beside: TwoTables, { table }: Bookkeeping): HistoryNote {
  return { message: describeTwoTables(beside, { d1: table, drizzle: drizzleTable }) };
}

/** All records of a target; none when it has no tracking table yet. */
export async function readEntries(
  engine: Pick<Engine, 'query'>,
  bookkeeping: Bookkeeping,
): Promise<readonly Entry[]> {
  return bookkeeping.exists ? bookkeeping.parse(await engine.query(bookkeeping.read)) : [];
}

/** What migrations without a record left in the schema; the live names are read only when there is one. */
async function readTraces(
  engine: Pick<Engine, 'query'>,
  history: History,
): Promise<ReadonlyMap<string, Traces>> {
  const open = history.items.flatMap((item) =>
    item.kind === 'pending' || item.kind === 'skipped' ? [item.migration] : [],
  );
  if (open.length === 0) return new Map();
  const live = await readNames(engine);
  return tracesByTag(open, live);
}

async function readNames(engine: Pick<Engine, 'query'>): Promise<LiveNames> {
  const objects = await engine.query({
    sql: `SELECT lower(type) AS type, lower(name) AS name FROM sqlite_schema`,
  });
  const columns = await engine.query({
    sql: `SELECT lower(m.name) || '.' || lower(c.name) AS name FROM ${tablesToLookInto()} AS m, pragma_table_info(m.name) AS c`,
  });
  return {
    tables: new Set(objects.flatMap(({ type, name }) => (type === 'table' ? [String(name)] : []))),
    others: new Set(
      objects.flatMap(({ type, name }) => (type === 'table' ? [] : [`${String(type)}:${String(name)}`])),
    ),
    columns: new Set(columns.map(({ name }) => String(name))),
  };
}
