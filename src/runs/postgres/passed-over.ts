import { SqlError, type UnitOutcome } from '../../engines/engine.ts';
import { classify } from '../../sql/classify.ts';
import { cursorOver, objectName, sameName } from '../../sql/cursor.ts';

/**
 * CREATE INDEX … IF NOT EXISTS whose index is there but not valid, as a build by hand left it: the server would pass
 * over it, and the migration would be recorded without an index that any query uses.
 *
 * @param invalid indexes that are not valid, as SQL names them
 */
export function refusePassedOver(
  { sql, number }: { readonly sql: string; readonly number: number },
  invalid: readonly string[],
): Extract<UnitOutcome, { kind: 'failed' }> | undefined {
  const kind = classify(sql);
  if (kind.kind !== 'create-index' || !kind.ifNotExists) return undefined;
  // An index lies in the schema of its table.
  const schema = kind.table.split('.').slice(0, -1).join('.');
  const name = schema === '' ? kind.index : `${schema}.${kind.index}`;
  const there = invalid.find((one) => sameName(unquoted(one), name));
  if (there === undefined) return undefined;
  const error = new SqlError(
    `index ${there} is there already and is not valid, and IF NOT EXISTS would pass over it`,
    { code: 'INVALID_INDEX', next: `Run DROP INDEX CONCURRENTLY ${there}; first, or REINDEX it.` },
  );
  return { kind: 'failed', number, error };
}

function unquoted(name: string): string {
  const read = cursorOver(name).qualifiedName();
  return read ? objectName(read) : name;
}
