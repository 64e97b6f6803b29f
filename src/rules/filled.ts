import { foldName } from '../sql/cursor.ts';
import type { RuleInput } from './rule.ts';

/** Whether a table was there before the migrations, and so may hold rows; one that they made is theirs to change. */
export function mayHoldRows({ now, rebuilds }: Pick<RuleInput, 'now' | 'rebuilds'>, table: string): boolean {
  const known = now.tables.get(foldName(table));
  const rebuilt = rebuilds.some(
    ({ table: name, via }) => foldName(name) === foldName(table) || foldName(via) === foldName(table),
  );
  return known === undefined || known.since === 'before' || rebuilt;
}

/** Whether a statement is the DROP of a rebuild. */
export function isRebuildDrop({ rebuilds, number }: Pick<RuleInput, 'rebuilds' | 'number'>): boolean {
  return rebuilds.some(({ drop }) => drop === number);
}
