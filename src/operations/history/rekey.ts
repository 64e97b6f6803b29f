import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Migration } from '../../migrations/migration.ts';
import { compareNames } from '../../migrations/wrangler-order.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import { guard } from '../../sql/guard.ts';
import { sameRecords, type Correction, type TrackingTable } from './correction.ts';
import type { History } from './history.ts';

/**
 * What `drizzle-kit up` (0.x to 1.0) did to a folder that wrangler records: each file moved into a folder of its own,
 * `0000_init.sql` to `20240101120000_init/migration.sql`, while the records still have the old names.
 */
export interface Renames {
  /** The tracking table. */
  readonly table: string;
  readonly pairs: readonly Rename[];
  /** Records of flat files for which no folder, or no single one, can be told. */
  readonly unmatchedRecords: readonly Entry[];
  /** Folders that one of those may mean. */
  readonly unmatchedMigrations: readonly Migration[];
}

export interface Rename {
  readonly entry: Entry;
  readonly migration: Migration;
  /** What the record says. */
  readonly from: string;
  /** What it should say. */
  readonly to: string;
}

/**
 * Recognises it; undefined when not one record has become the name of a folder.
 *
 * A record and a folder belong together when all after the first `_` is the same, as many records as folders have it,
 * and the folder's time is not after the time of applying. Several of one name are paired in order;
 * whichever way they go, the same names are recorded in the end.
 *
 * @param open migrations without a record
 * @param orphans records without a migration
 */
export function renamesOf(
  open: readonly Migration[],
  orphans: readonly Entry[],
  { kind, table, nameOf }: Pick<Bookkeeping, 'kind' | 'table' | 'nameOf'>,
): Renames | undefined {
  if (kind !== 'd1' || open.length === 0 || orphans.length === 0) return undefined;
  const folders = Map.groupBy(open, (migration) => folderTitle(nameOf(migration) ?? ''));
  const pairs: Rename[] = [];
  const unmatchedRecords: Entry[] = [];
  const unmatchedMigrations: Migration[] = [];
  for (const [title, records] of Map.groupBy(orphans, ({ name }) => fileTitle(name ?? ''))) {
    if (title === undefined) continue;
    const candidates = folders.get(title) ?? [];
    const found = title === '' ? undefined : pairedInOrder(records, candidates, nameOf);
    if (found) pairs.push(...found);
    else {
      unmatchedRecords.push(...records);
      unmatchedMigrations.push(...candidates);
    }
  }
  return pairs.length === 0 ? undefined : { table, pairs, unmatchedRecords, unmatchedMigrations };
}

/**
 * Why nothing may be deployed; undefined when something may.
 *
 * @param environment for the command that puts it right
 */
export function rekeyRefusal(
  { renames }: Pick<History, 'renames'>,
  environment: string,
): MigrateError | undefined {
  const [first] = renames?.pairs ?? [];
  if (!renames || !first) return undefined;
  const { table, pairs } = renames;
  return new MigrateError(
    'refused',
    `${quantity(pairs.length, 'migration')} that ${pairs.length === 1 ? 'looks' : 'look'} pending ran before drizzle-kit up moved ` +
      `${pairs.length === 1 ? 'it into a folder' : 'them into folders'}: ${table} still has the old names, such as ${shown(first.from)}. Nothing was changed.`,
    {
      next: `Give the records the names of today first: migrate-tui recover ${environment} --choose re-key`,
    },
  );
}

/**
 * Gives the records the names of today, one after the other, and never takes one away.
 * Raises, and so undoes everything, unless the table has exactly the records that were read.
 *
 * @param entries all records that were read
 */
export function renameRecords({ table, pairs }: Renames, entries: readonly Entry[]): Correction {
  const name = quoteName(table);
  // wrangler's table is in SQLite only.
  const records: TrackingTable = { dialect: 'sqlite', quoted: name, row: '_rowid_', hold: [] };
  return [
    ...sameRecords(records, entries),
    ...pairs.flatMap(({ entry: { rowid }, from, to }): Correction => {
      const held = `(SELECT count(*) FROM ${name} WHERE _rowid_ = ${rowid} AND name = ${quoteText(from)})`;
      return [
        { sql: guard('history', held, quoteText('another record than was read')), role: 'guard' },
        { sql: `UPDATE ${name} SET name = ? WHERE _rowid_ = ?`, args: [to, rowid], role: 'record' },
      ];
    }),
  ];
}

const shown = (name: string) => safe(name, { lines: 'one' });

/** `0000_init.sql` → `init`; undefined for what lies in a folder. */
function fileTitle(name: string): string | undefined {
  const [, title] = /^[^/_]*(?:_([^/]*))?\.sql$/.exec(name) ?? [];
  return /^[^/]+\.sql$/.test(name) ? (title ?? '') : undefined;
}

/** `20240101120000_init/migration.sql` → `init`. */
function folderTitle(name: string): string | undefined {
  return /^\d{14}_([^/]*)\/migration\.sql$/.exec(name)?.[1];
}

function pairedInOrder(
  records: readonly Entry[],
  candidates: readonly Migration[],
  nameOf: Bookkeeping['nameOf'],
): readonly Rename[] | undefined {
  if (records.length !== candidates.length) return undefined;
  const sorted = records.toSorted((a, b) => compareNames(a.name ?? '', b.name ?? ''));
  const inOrder = candidates.toSorted((a, b) => compareNames(nameOf(a) ?? '', nameOf(b) ?? ''));
  const pairs = sorted.flatMap((entry, index): readonly Rename[] => {
    const migration = inOrder[index];
    if (!migration || isYounger(migration, entry)) return [];
    return [{ entry, migration, from: entry.name ?? '', to: nameOf(migration) ?? '' }];
  });
  return pairs.length === records.length ? pairs : undefined;
}

// A file that was generated after the record was written is another one of the same name. Clocks differ a little.
function isYounger({ when }: Migration, { appliedAt }: Entry): boolean {
  return appliedAt !== undefined && when > appliedAt + hour;
}

const hour = 3_600_000;
