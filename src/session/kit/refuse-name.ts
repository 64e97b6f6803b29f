import { MigrateError } from '../../lib/errors.ts';
import { badTag } from '../../migrations/tag.ts';

/** Throws `usage` for what cannot be the name of a migration, or would be taken for a flag of drizzle-kit. */
export function refuseName(name: string): void {
  const bad = name.startsWith('-') ? 'it begins with a dash' : badTag(name);
  if (bad === undefined) return;
  throw new MigrateError('usage', `${JSON.stringify(name)} cannot name a migration: ${bad}.`, {
    next: 'Write a name such as add_orders.',
  });
}
