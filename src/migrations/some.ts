import { count } from '../lib/numbers.ts';
import { safe } from '../lib/safe-text.ts';

/** A few names and how many more: `0001_a, 0002_b and 14 more`. */
export function some(names: readonly string[], atMost = 3): string {
  const shown = names.slice(0, atMost).map((name) => safe(name, { lines: 'one' }));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}
