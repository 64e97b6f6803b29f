import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { History, HistoryItem } from '../history/history.ts';

/** What is known of a database that is to go back. */
export interface RollbackDatabase {
  readonly database: string;
  readonly history: History;
  readonly migrations: readonly Migration[];
  readonly entries: readonly Entry[];
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>;
}

export type RecordedItem = Extract<HistoryItem, { kind: 'applied' | 'changed' }>;

/** The migrations that have both a file and a record, in the order of their files. */
export function appliedIn({ items }: Pick<History, 'items'>): readonly RecordedItem[] {
  return items.filter((item) => item.kind === 'applied' || item.kind === 'changed');
}
