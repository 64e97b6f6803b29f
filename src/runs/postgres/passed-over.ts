import { SqlError, type UnitOutcome } from '../../engines/engine.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { bareName, sameName } from '../../sql/cursor.ts';

/**
 * CREATE INDEX whose index is there but not valid, as a build by hand left it. With IF NOT EXISTS the server would pass
 * over it, and the migration would be recorded without an index that any query uses; without these words it would only
 * say that the name is taken. What an earlier one of the statements drops or builds again is not in the way.
 *
 * @param statements in the order of running
 * @param invalid indexes that are not valid, as SQL names them
 */
export function refusePassedOver(
  statements: readonly { readonly sql: string; readonly number: number }[],
  invalid: readonly string[],
): Extract<UnitOutcome, { kind: 'failed' }> | undefined {
  let there = invalid;
  for (const { sql, number } of statements) {
    for (const kind of partsOf(classify(sql))) {
      if (goneWith.has(kind.kind)) return undefined;
      if (kind.kind === 'drop-index') there = there.filter((one) => !sameName(bareName(one), kind.index));
      if (kind.kind !== 'create-index' || kind.index === '') continue;
      const inTheWay = there.find((one) => sameName(bareName(one), placed(kind)));
      if (inTheWay !== undefined) return refused(inTheWay, number, kind);
    }
  }
  return undefined;
}

/** They build indexes again, or take them along: which ones is not told here, and the server decides. */
const goneWith: ReadonlySet<string> = new Set(['reindex', 'drop-table', 'drop-schema']);

/** An index lies in the schema of its table. */
function placed({ table, index }: { readonly table: string; readonly index: string }): string {
  const schema = table.split('.').slice(0, -1).join('.');
  return schema === '' ? index : `${schema}.${index}`;
}

function refused(
  there: string,
  number: number,
  { ifNotExists }: { readonly ifNotExists: boolean },
): Extract<UnitOutcome, { kind: 'failed' }> {
  const why = ifNotExists ? 'IF NOT EXISTS would pass over it' : 'another is not made under its name';
  const error = new SqlError(`index ${there} is there already and is not valid, and ${why}`, {
    code: 'INVALID_INDEX',
    next: `Run DROP INDEX CONCURRENTLY ${there}; first, or REINDEX it.`,
  });
  return { kind: 'failed', number, error };
}
