import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration, SquashedMigration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';

/**
 * Whether a record is that of a squashed migration: by its hash; where none of them has that, as after an edit of the
 * file, or where the table keeps none, by what the tool tells migrations by.
 *
 * @param among all that the squashed file stands for
 */
export function isRecordOf(
  entry: Entry,
  squashed: SquashedMigration,
  among: readonly SquashedMigration[],
  bookkeeping: Pick<Bookkeeping, 'kind'>,
): boolean {
  const { hash } = entry;
  if (hash !== '' && among.some((one) => hasHash(one, hash))) return hasHash(squashed, hash);
  return isCalledLike(entry, squashed, bookkeeping);
}

function isCalledLike(
  { hash, name, version, createdAt }: Entry,
  { when, tag, name: called = tag }: SquashedMigration,
  { kind }: Pick<Bookkeeping, 'kind'>,
): boolean {
  switch (kind) {
    case 'drizzle-0':
      return createdAt === when;
    case 'drizzle-1':
      // Several migrations of 1.0 may have the same second.
      return name === undefined ? hash === '' && createdAt === when : name === called;
    case 'd1':
      return name === called;
    case 'numbered':
      return version !== undefined && version === String(numberOf(tag));
    default:
      return unreachable(kind);
  }
}

/** Whether a record is of that file, whichever line ends it was checked out with. */
export function hasHash(
  of: Pick<SquashedMigration, 'hash' | 'hashWithOtherLineEnds'>,
  hash: string,
): boolean {
  return hash === of.hash || hash === of.hashWithOtherLineEnds;
}

/**
 * The migrations as a target needs them: where it ran some of those that a squashed file stands for, but not the last,
 * the originals in its place, so that the rest of them can be run.
 */
export async function migrationsFor(
  migrations: readonly Migration[],
  entries: readonly Entry[],
  bookkeeping: Pick<Bookkeeping, 'kind'>,
): Promise<readonly Migration[]> {
  if (entries.length === 0 || migrations.every(({ squashed }) => !squashed)) return migrations;
  const lists = migrations.map(async (migration) => {
    if (!migration.squashed || !isInside(migration, entries, bookkeeping)) return [migration];
    return migrationsFor(await migration.squashed.originals(), entries, bookkeeping);
  });
  return (await Promise.all(lists)).flat();
}

function isInside(
  { tag, hash, hashWithOtherLineEnds, when, squashed }: Migration,
  entries: readonly Entry[],
  bookkeeping: Pick<Bookkeeping, 'kind'>,
): boolean {
  const inRange = squashed?.migrations ?? [];
  const last = inRange.at(-1);
  if (!last) return false;
  const own: SquashedMigration = {
    ...last,
    tag,
    hash,
    hashWithOtherLineEnds: hashWithOtherLineEnds ?? hash,
    when,
  };
  const all = [...inRange, own];
  const isRecorded = (one: SquashedMigration) =>
    entries.some((entry) => isRecordOf(entry, one, all, bookkeeping));
  return !isRecorded(last) && !isRecorded(own) && inRange.some(isRecorded);
}

/** Whether a target was made from a squashed file itself: the records of what it stands for are not all there. */
export function dependsOn(
  baseline: Migration,
  entries: readonly Entry[],
  bookkeeping: Pick<Bookkeeping, 'kind'>,
): boolean {
  const inRange = baseline.squashed?.migrations ?? [];
  const last = inRange.at(-1);
  if (!last) return false;
  const { hash, hashWithOtherLineEnds } = baseline;
  const own = { hash, hashWithOtherLineEnds: hashWithOtherLineEnds ?? hash };
  if (entries.some((entry) => entry.hash !== '' && hasHash(own, entry.hash))) return true;
  // By any other hash, or without one, its record and that of the last are alike: the others tell.
  const isKnown = ({ hash: of }: Entry) => inRange.some((one) => hasHash(one, of));
  const isThere = (one: SquashedMigration) => entries.some((entry) => isCalledLike(entry, one, bookkeeping));
  const isAlike = entries.some((entry) => !isKnown(entry) && isCalledLike(entry, last, bookkeeping));
  return isAlike && !inRange.every(isThere);
}
