import type { Migration } from '../../migrations/migration.ts';
import type { RecoveryStatement } from '../reports.ts';

/**
 * Each statement of the file, as far as it is known whether it ran.
 *
 * @param reached the points at which the migration may stand; none: nothing is known
 */
export function knownStatements(
  { statements }: Migration,
  reached: readonly number[],
): readonly RecoveryStatement[] {
  const [first] = reached;
  const last = reached.at(-1);
  return statements.map(({ sql, line }, at) => ({
    number: at + 1,
    line,
    sql,
    state: stateOf(at + 1, { first, last }),
  }));
}

function stateOf(
  number: number,
  { first, last }: { readonly first: number | undefined; readonly last: number | undefined },
): RecoveryStatement['state'] {
  if (first === undefined || last === undefined) return 'not-known';
  if (number <= first) return 'ran';
  return number > last ? 'did-not-run' : 'not-known';
}
