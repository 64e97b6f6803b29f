import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Migration } from '../../migrations/migration.ts';
import { eraseRecords, sameRecords, type Correction } from './correction.ts';

/** The tracking table of one target, as it was read. */
export interface Records {
  /** Told the target's columns. */
  readonly bookkeeping: Bookkeeping;
  readonly entries: readonly Entry[];
  /** The whole folder, in the order of running. */
  readonly migrations: readonly Migration[];
}

/** Adds records as the original tool would write them, the table too where there is none; no migration is run. */
export function recordAsApplied(
  marked: readonly Migration[],
  { bookkeeping, entries, migrations }: Records,
  now: number,
): Correction {
  const own = [
    ...bookkeeping.upgrade(entries, migrations),
    ...marked.map((migration) => bookkeeping.record(migration, now)),
  ];
  return [
    ...bookkeeping.create().map((statement) => ({ ...statement, role: 'record' as const })),
    ...sameRecords(bookkeeping, entries),
    ...own.map((statement) => ({ ...statement, role: 'record' as const })),
  ];
}

/** Takes the records of a migration away; what it made in the schema stays. */
export function forgetRecords(forgotten: readonly Entry[], { bookkeeping, entries }: Records): Correction {
  return [...sameRecords(bookkeeping, entries), ...eraseRecords(forgotten, bookkeeping)];
}
