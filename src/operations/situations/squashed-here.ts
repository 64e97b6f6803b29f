import { fitOf } from '../history/folder-fit.ts';
import type { RecoveryInput } from '../recovery.ts';

/**
 * Whether the records without a file went into the folder's first one, which took the place of the last of them: they
 * stand before it, it is another text than was recorded (a table without hashes cannot say), and what the recorded files make
 * is exactly the target's schema. So nothing is lost, and nothing is to be put right.
 */
export function isSquashedHere({ history: { items, kind }, folder }: RecoveryInput): boolean {
  const first = items.findIndex((item) => 'migration' in item);
  const isBaseline =
    items[first]?.kind === 'changed' ||
    ((kind === 'd1' || kind === 'numbered') && items[first]?.kind === 'applied');
  const before = items.slice(0, first);
  const files = items.slice(first);
  if (!folder || !isBaseline || before.length === 0 || files.some((item) => item.kind === 'orphan'))
    return false;
  const recorded = files.findLastIndex((item) => 'entry' in item) + 1;
  if (files.slice(0, recorded).some((item) => !('entry' in item))) return false;
  return fitOf(folder).fits.includes(recorded);
}
