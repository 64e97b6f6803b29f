import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import { MigrateError } from '../../lib/errors.ts';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { tagOf, type History } from '../history/history.ts';

/**
 * Notes of migrations in parts that were begun from another branch, or before their file was renamed or deleted, and
 * that have no record: nothing here can go on with them.
 */
export function halvesWithoutFile(
  noted: readonly Unfinished[],
  { migrations, entries }: { readonly migrations: readonly Migration[]; readonly entries: readonly Entry[] },
): readonly Unfinished[] {
  const files = new Set(migrations.map(({ tag }) => tag));
  return noted.filter(
    ({ tag, hash }) => !files.has(tag) && !entries.some((entry) => entry.name === tag || entry.hash === hash),
  );
}

/** How far it came, behind its tag. */
export function placeWithoutFile({ what, done, of }: Pick<Unfinished, 'what' | 'done' | 'of'>): string {
  if (what === 'undo') return 'was being taken back';
  return done === 0
    ? `stopped in statement 1 of ${count(of)}`
    : `stopped after statement ${count(done)} of ${count(of)}`;
}

/** What the status says of one, as a sentence. */
export function sayWithoutFile(noted: Unfinished, environment: string): string {
  const { tag, what, done, of, by, host } = noted;
  const came =
    what === 'undo'
      ? 'was taking it back'
      : done === 0
        ? 'began it, and none of its statements is sure to be committed'
        : `ran it, and ${count(done)} of its ${count(of)} statements ${done === 1 ? 'is' : 'are'} sure to be committed`;
  return `${tag}, which has no file here, is half-finished: ${by}@${host} ${came}. migrate-tui recover ${environment} says what is known of it.`;
}

/** What the status says of one that a run is in the middle of at this moment. */
export function sayUnderWay({ tag, done, of }: Pick<Unfinished, 'tag' | 'done' | 'of'>): string {
  return `${tag} is under way: ${done === 0 ? 'none' : count(done)} of its ${count(of)} statements ${done < 2 ? 'is' : 'are'} committed so far.`;
}

/** The first migration that is half-finished, with or without a file or a record, by its tag. */
export function halfIn({
  items,
  withoutFile,
  takenBack,
}: Pick<History, 'items' | 'withoutFile' | 'takenBack'>): string | undefined {
  const half = items.find(({ kind }) => kind === 'half');
  return half ? tagOf(half) : (withoutFile?.[0]?.tag ?? takenBack?.[0]?.noted.tag);
}

/** Why nothing is run here: nobody knows what the rest of it would do. */
export function refusalWithoutFile(noted: Unfinished, environment: string): MigrateError {
  return new MigrateError(
    'refused',
    `${environment} is half-finished: ${noted.tag}, which has no file here, ${placeWithoutFile(noted)}. Nothing was changed.`,
    {
      next: `Bring its file back: another branch, a stash, or git log --diff-filter=D on the folder. migrate-tui recover ${environment} says what is known of it.`,
    },
  );
}
