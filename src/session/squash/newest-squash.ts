import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { isBaselineOf, readManifest, type Squash } from '../../migrations/squashed.ts';

export interface NewestSquash {
  readonly baseline: Migration;
  readonly made: Squash;
}

/** The newest squashed file of a folder, as its archive knows it: what an undo takes back. */
export async function newestSquash({
  directory,
  migrations,
}: MigrationFolder): Promise<NewestSquash | undefined> {
  const squashes = await readManifest(directory);
  const isOf = (migration: Migration) => squashes.findLast((one) => isBaselineOf(migration, one));
  const baseline = migrations.findLast((migration) => migration.squashed && isOf(migration));
  const made = baseline && isOf(baseline);
  return baseline && made && { baseline, made };
}
