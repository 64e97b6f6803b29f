import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import { guardIn } from '../sql/guard.ts';
import { quoteText } from '../sql/quote.ts';
import type { Statement } from '../sql/statement.ts';

/** Statements that put a tracking table right, in order and as one unit, with the guards that make them raise. */
export type Correction = readonly (Statement & { readonly role: 'guard' | 'record' })[];

/** Of a tracking table, what addresses it and its rows. */
export type TrackingTable = Pick<Bookkeeping, 'dialect' | 'quoted' | 'row' | 'hold'>;

/**
 * Raises unless no record came or went since these were read, and keeps it so: rows are numbered upwards,
 * so that as many rows with the same highest number are the same rows.
 */
export function sameRecords(
  { dialect, quoted, row, hold }: TrackingTable,
  entries: readonly Entry[],
): Correction {
  const newest = entries.reduce((max, { rowid }) => Math.max(max, rowid), 0);
  const now = `(SELECT count(*) || ' up to ' || coalesce(max(${row}), 0) FROM ${quoted})`;
  const read = `${entries.length} up to ${newest}`;
  const sql = guardIn(dialect)('history', `${now} = ${quoteText(read)}`, `${now} || ' instead of ${read}'`);
  return [...hold, { sql }].map((statement) => ({ ...statement, role: 'guard' }));
}

/** Raises unless the row is still that record: what is about to be changed or erased is what was looked at. */
export function sameRecord(
  { dialect, quoted, row }: Omit<TrackingTable, 'hold'>,
  { rowid, hash, name }: Entry,
): Correction[number] {
  const conditions = [
    `${row} = ${rowid}`,
    ...(hash === '' ? [] : [`hash = ${quoteText(hash)}`]),
    ...(name === undefined ? [] : [`name = ${quoteText(name)}`]),
  ];
  const held = `(SELECT count(*) FROM ${quoted} WHERE ${conditions.join(' AND ')})`;
  const sql = guardIn(dialect)('history', held, quoteText('another record than was read'));
  return { sql, role: 'guard' };
}

/** Erases records, each only as it was read. */
export function eraseRecords(
  entries: readonly Entry[],
  bookkeeping: TrackingTable & Pick<Bookkeeping, 'erase'>,
): Correction {
  return entries.flatMap((entry): Correction => [
    sameRecord(bookkeeping, entry),
    { ...bookkeeping.erase(entry), role: 'record' },
  ]);
}
