import type { Entry } from '../bookkeeping/bookkeeping.ts';
import { guard } from '../sql/guard.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Statement } from '../sql/statement.ts';

/** Statements that put a tracking table right, in order and as one unit, with the guards that make them raise. */
export type Correction = readonly (Statement & { readonly role: 'guard' | 'record' })[];

/**
 * Raises unless no record came or went since these were read: rows are numbered upwards,
 * so that as many rows with the same highest number are the same rows.
 */
export function sameRecords(table: string, entries: readonly Entry[]): Correction[number] {
  const newest = entries.reduce((max, { rowid }) => Math.max(max, rowid), 0);
  const now = `(SELECT count(*) || ' up to ' || coalesce(max(_rowid_), 0) FROM ${quoteName(table)})`;
  const read = `${entries.length} up to ${newest}`;
  return {
    sql: guard('history', `${now} = ${quoteText(read)}`, `${now} || ' instead of ${read}'`),
    role: 'guard',
  };
}

/** Raises unless the row is still that record: what is about to be changed or erased is what was looked at. */
export function sameRecord(table: string, { rowid, hash, name }: Entry): Correction[number] {
  const conditions = [
    `_rowid_ = ${rowid}`,
    ...(hash === '' ? [] : [`hash = ${quoteText(hash)}`]),
    ...(name === undefined ? [] : [`name = ${quoteText(name)}`]),
  ];
  const held = `(SELECT count(*) FROM ${quoteName(table)} WHERE ${conditions.join(' AND ')})`;
  return { sql: guard('history', held, quoteText('another record than was read')), role: 'guard' };
}

/** Erases records, each only as it was read. */
export function eraseRecords(
  entries: readonly Entry[],
  { table, erase }: { readonly table: string; readonly erase: (entry: Entry) => Statement },
): Correction {
  return entries.flatMap((entry): Correction => [
    sameRecord(table, entry),
    { ...erase(entry), role: 'record' },
  ]);
}
