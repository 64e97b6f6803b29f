import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Migration, SquashedMigration } from '../migrations/migration.ts';

/** Whether a record is that of a squashed migration: by its hash; where the table keeps none, by name or by time. */
export function isRecordOf(
  { hash, name, createdAt }: Entry,
  squashed: SquashedMigration,
  { kind }: Pick<Bookkeeping, 'kind'>,
): boolean {
  if (hash !== '') return hasHash(squashed, hash);
  if (name !== undefined) return name === (squashed.name ?? squashed.tag);
  return kind !== 'd1' && createdAt === squashed.when;
}

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
  const isRecorded = (one: SquashedMigration) => entries.some((entry) => isRecordOf(entry, one, bookkeeping));
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
  const own: SquashedMigration = { ...last, hash, hashWithOtherLineEnds: hashWithOtherLineEnds ?? hash };
  const records = entries.filter((entry) => isRecordOf(entry, own, bookkeeping));
  if (records.some((entry) => entry.hash !== '')) return true;
  return (
    records.length > 0 && inRange.some((one) => !entries.some((entry) => isRecordOf(entry, one, bookkeeping)))
  );
}
