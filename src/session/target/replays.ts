import { turns } from '../../engines/turns.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Schema } from '../../schema/schema.ts';
import { schemaOfMigrations } from './schema-of.ts';
import type { TargetDatabase } from '../workspace.ts';

/** The schema that migrations give in an empty database; throws as `schemaOfMigrations` does. */
export type Replays = (migrations: readonly Migration[], target: TargetDatabase) => Promise<Schema>;

/**
 * For a question about many targets: environments that are equally far are one replay, and several replays run one
 * after the other, as each holds a whole database in memory.
 */
export function replaysOnce(signal: AbortSignal | undefined): Replays {
  const known = new Map<string, Promise<Schema>>();
  const inTurn = turns();
  return (migrations, target) => {
    const key = JSON.stringify([
      target.database.name,
      target.target.address.kind,
      migrations.map(({ tag, hash }) => [tag, hash]),
    ]);
    const found = known.get(key) ?? inTurn(() => schemaOfMigrations(migrations, target, signal));
    known.set(key, found);
    return found;
  };
}
