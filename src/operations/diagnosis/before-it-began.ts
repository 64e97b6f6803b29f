import type { Migration } from '../../migrations/migration.ts';
import { classify } from '../../sql/classify.ts';
import { keysNamed } from './later-changes.ts';
import { effectsOf, type Effect } from './name-effects.ts';
import { isThere, type LiveNames } from './traces-of.ts';

/**
 * Whether a schema of the past is from before any statement of these migrations ran, as far as names tell: what they
 * make first is not there, and what they remove first is. Where that is not certain it is not.
 *
 * @param migrations in the order of running
 */
export function isFromBefore(migrations: readonly Migration[], past: LiveNames): boolean {
  const seen = new Set<string>();
  for (const { sql } of migrations.flatMap(({ statements }) => statements)) {
    for (const { name, of, does } of [...effectsOf(sql), ...ifNeeded(sql)]) {
      // A table that is dropped takes along what was on it.
      const isNew = !seen.has(name) && !(of !== undefined && seen.has(gone(of)));
      if (isNew && isThere(past, name) === (does === 'makes')) return false;
      seen.add(name);
      if (does !== 'makes') seen.add(gone(name));
    }
  }
  return true;
}

const gone = (name: string) => `${name} is gone`;

/** What is made only where it is not there yet: that it is there may be the statement's own doing. */
function ifNeeded(sql: string): readonly Effect[] {
  const kind = classify(sql);
  if (!('ifNotExists' in kind) || !kind.ifNotExists) return [];
  return keysNamed(sql).map((key) => ({ name: key.replace(' ', ':'), does: 'makes' }));
}
