import type { Migration } from '../../migrations/migration.ts';

/** A migration with the statements of its rollback file in the place of its own; without any where it has none. */
export function asUndone(migration: Migration): Migration {
  const { rollback, file } = migration;
  return { ...migration, statements: rollback?.statements ?? [], file: rollback?.file ?? file };
}
