import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { guardIn } from '../../sql/guard.ts';
import { quoteText } from '../../sql/quote.ts';
import type { Statement } from '../../sql/statement.ts';

/** Statements that put a tracking table right, in order and as one unit, with the guards that make them raise. */
export type Correction = readonly (Statement & { readonly role: 'guard' | 'record' })[];

/** Of a tracking table, what addresses it and its rows. */
export type TrackingTable = Pick<Bookkeeping, 'dialect' | 'quoted' | 'row' | 'number' | 'hold'>;

/** Raises unless no record came or went since these were read, and keeps it so. */
export function sameRecords(table: TrackingTable, entries: readonly Entry[]): Correction {
  const { dialect, hold } = table;
  const { now, read } =
    table.number === undefined ? byHighest(table, entries) : bySum(table.number, table, entries);
  const sql = guardIn(dialect)('history', `${now} = ${quoteText(read)}`, `${now} || ' instead of ${read}'`);
  return [...hold, { sql }].map((statement) => ({ ...statement, role: 'guard' }));
}

interface Standing {
  /** What the table says, as SQL. */
  readonly now: string;
  /** What it said. */
  readonly read: string;
}

/** Rows are numbered upwards, so that as many rows with the same highest number are the same rows. */
function byHighest({ quoted, row }: Omit<TrackingTable, 'hold'>, entries: readonly Entry[]): Standing {
  const newest = entries.reduce((max, { rowid }) => Math.max(max, Number(rowid)), 0);
  return {
    now: `(SELECT count(*) || ' up to ' || coalesce(max(${row}), 0) FROM ${quoted})`,
    read: `${entries.length} up to ${newest}`,
  };
}

/** A migration with a lower number may come later: as many of one sum are the same. The sum stays below 2^63. */
function bySum(
  number: string,
  { quoted }: Pick<TrackingTable, 'quoted'>,
  entries: readonly Entry[],
): Standing {
  const sum = entries.reduce((all, { version = '0' }) => all + (BigInt(version) % prime), 0n);
  return {
    now: `(SELECT count(*) || ' with the sum ' || coalesce(sum(${number} % ${prime}), 0) FROM ${quoted})`,
    read: `${entries.length} with the sum ${sum}`,
  };
}

const prime = 1_000_000_007n;

/** Raises unless the row is still that record: what is about to be changed or erased is what was looked at. */
export function sameRecord(
  { dialect, quoted, row, number }: Omit<TrackingTable, 'hold'>,
  { rowid, hash, version, name }: Entry,
): Correction[number] {
  const named = name === undefined ? [] : [`name = ${quoteText(name)}`];
  const conditions = [
    `${row} = ${rowid}`,
    ...(hash === '' ? [] : [`hash = ${quoteText(hash)}`]),
    ...(number === undefined || version === undefined ? named : [`${number} = ${version}`]),
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
