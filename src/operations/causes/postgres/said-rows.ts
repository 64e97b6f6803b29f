import { quantity } from '../../../lib/numbers.ts';
import type { Found } from '../failure.ts';

/** `2 rows of teams have`, `1 row of teams has`; where nothing could be counted, `At least one row of teams has`. */
export function saidRows(found: Found | undefined, table: string, one: string, many: string): string {
  if (!found || found.n === 0) return `At least one row of ${table} ${one}`;
  return `${quantity(found.n, 'row')} of ${table} ${found.n === 1 ? one : many}`;
}
