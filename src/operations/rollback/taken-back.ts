import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import { hashOf } from '../../lib/hash.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { HistoryItem } from '../history/history.ts';

/** A migration that has its record, and whose rollback file, which is no transaction, stopped in the middle. */
export interface TakenBack {
  readonly noted: Unfinished;
  readonly migration: Migration;
  readonly entry: Entry;
}

/** Those that the target keeps a note of. */
export function takenBackIn(
  items: readonly HistoryItem[],
  noted: readonly Unfinished[],
): readonly TakenBack[] {
  return items.flatMap((item) => {
    if (item.kind !== 'applied' && item.kind !== 'changed') return [];
    const { migration, entry } = item;
    const note = noted.find(({ tag, what }) => what === 'undo' && tag === migration.tag);
    return note ? [{ noted: note, migration, entry }] : [];
  });
}

/** What a note about taking a migration back says of its file: another text would go on in the middle of something else. */
export function undoHash({ hash, rollback }: Pick<Migration, 'hash' | 'rollback'>): string {
  return rollback ? hashOf(rollback.statements.map(({ sql }) => sql)) : hash;
}

/** How far it came, behind its tag. */
export function sayTakenBack({ done, of }: Pick<Unfinished, 'done' | 'of'>): string {
  return done === 0
    ? `was being taken back, and stopped in statement 1 of ${of} of its rollback file`
    : `was being taken back, and stopped after statement ${done} of ${of} of its rollback file`;
}

/** Why nothing is run on top of it. */
export function refusalTakenBack({ noted }: TakenBack, environment: string): MigrateError {
  return new MigrateError(
    'refused',
    `${environment} is half-finished: ${noted.tag} ${sayTakenBack(noted)}. Nothing was changed.`,
    { next: `migrate-tui recover ${environment} says what is there and takes the rest of it back.` },
  );
}
