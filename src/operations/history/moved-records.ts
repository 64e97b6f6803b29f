import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';
import type { Statement } from '../../sql/statement.ts';
import type { History } from './history.ts';

/** A file that was given another time or name after it ran: the record with its content has no file, it has no record. */
export interface Moved {
  readonly entry: Entry;
  readonly migration: Migration;
}

/** Told by the hash, where one file and one record alone have it; a file without statements tells nothing. */
export function movedRecords({ items }: Pick<History, 'items'>): readonly Moved[] {
  const lost = items.flatMap((item) =>
    item.kind === 'orphan' && item.entry.hash !== '' ? [item.entry] : [],
  );
  if (lost.length === 0) return [];
  const open = items.flatMap((item) =>
    'migration' in item && !('entry' in item) && item.migration.statements.length > 0 ? [item.migration] : [],
  );
  const records = Map.groupBy(lost, ({ hash }) => hash);
  return [...Map.groupBy(open, ({ hash }) => hash)].flatMap(([hash, [migration, ...others]]) => {
    const [entry, ...more] = records.get(hash) ?? [];
    return migration && entry && others.length === 0 && more.length === 0 ? [{ entry, migration }] : [];
  });
}

/** Why nothing may be deployed: it has run under another time or name, and would run a second time. */
export function movedRefusal(history: Pick<History, 'items'>, environment: string): MigrateError | undefined {
  const moved = movedRecords(history);
  if (moved.length === 0) return undefined;
  const tags = moved.map(({ migration }) => migration.tag);
  return new MigrateError(
    'refused',
    `${quantity(moved.length, 'file')} in ${environment} ${moved.length === 1 ? 'has' : 'have'} no record, and exactly the content of a record without a file ` +
      `(${some(tags)}): a deploy would run ${moved.length === 1 ? 'it' : 'them'} a second time. Nothing was changed.`,
    {
      next: `Give the record the time and name of its file first: migrate-tui recover ${environment} --choose re-key`,
    },
  );
}

/** The record as it would have been written for the file as it is called and dated now. */
export function moveRecord(
  { entry, migration: { when, tag } }: Moved,
  { change, kind, tableShape }: Pick<Bookkeeping, 'change' | 'kind' | 'tableShape'>,
): Statement {
  const keepsNames = kind === 'drizzle-1' && tableShape === 'drizzle-1';
  return change(entry, { created_at: when, ...(keepsNames ? { name: tag } : {}) });
}
