import type { History } from './history.ts';
import { effectsOf, type Effect } from '../diagnosis/name-effects.ts';
import { isThere, type LiveNames } from '../diagnosis/traces-of.ts';

/**
 * The recorded migrations of which no name is in the schema, though no later one removes them all: whether they ever
 * ran is for a replay to decide. One name that is there is enough to believe the record: the rest is drift.
 *
 * @returns their tags; a file that was edited after it was applied tells nothing of what ran
 */
export function doubtedRecords({ items }: Pick<History, 'items'>, live: LiveNames): ReadonlySet<string> {
  const doubted = new Set<string>();
  const later = new Set<string>();
  for (const item of items.toReversed()) {
    if (!('migration' in item)) continue;
    const effects = item.migration.statements.flatMap(({ sql }) => effectsOf(sql));
    if (item.kind === 'applied') {
      const made = lastingOf(effects, later);
      if (made.length > 0 && !made.some(({ name }) => isThere(live, name))) doubted.add(item.migration.tag);
    }
    for (const { name, does } of effects) if (does !== 'makes') later.add(name);
  }
  return doubted;
}

/** The names that a migration leaves, as far as no later one takes them away. */
function lastingOf(effects: readonly Effect[], later: ReadonlySet<string>): readonly Effect[] {
  return effects.filter(({ name, of, does }, at) => {
    if (does !== 'makes' || later.has(name) || (of !== undefined && later.has(of))) return false;
    return !effects
      .slice(at + 1)
      .some((next) => next.does !== 'makes' && (next.name === name || next.name === of));
  });
}
