import { isWord } from '../cursor.ts';
import { usedEnumValues, type UsedEnumValue } from './enum-values.ts';
import { quoteTable, quoteText } from '../quote.ts';
import { namedAlone } from './stepwise.ts';
import { meaningfulTokens } from '../tokens.ts';

/**
 * Statements of a migration that give the same schema inside one transaction, also where PostgreSQL would refuse them
 * there: for a replay in a database of our own that nobody else uses, and that is undone. Ours among them have no number.
 */
export function inOneTransaction(
  statements: readonly { readonly sql: string }[],
): readonly { readonly sql: string; readonly number?: number }[] {
  const used = usedEnumValues(statements);
  return statements.flatMap(({ sql }, index) => [
    { sql: withoutConcurrency(sql), number: index + 1 },
    ...used.flatMap((value) => (value.added === index + 1 ? [{ sql: asIfCommitted(value) }] : [])),
  ]);
}

function withoutConcurrency(sql: string): string {
  const named = namedAlone(sql);
  if (named === undefined) return sql;
  // It changes no schema.
  if (named === 'REINDEX CONCURRENTLY') return 'SELECT 1';
  const at = meaningfulTokens(sql).find((token) => isWord(token, 'CONCURRENTLY'))?.offset;
  return at === undefined ? sql : sql.slice(0, at) + sql.slice(at + 'CONCURRENTLY'.length);
}

/**
 * The server keeps a list, by number, of the values that were added in this transaction, and takes any other one
 * (check_safe_enum_use in enum.c). A superuser may give a value another number.
 */
function asIfCommitted({ type, value }: UsedEnumValue): string {
  const named = quoteText(quoteTable('postgres', type));
  return `UPDATE pg_catalog.pg_enum SET oid = (SELECT max(oid::int8) + 1 FROM pg_catalog.pg_enum)::oid
WHERE enumtypid = to_regtype(${named}) AND enumlabel = ${quoteText(value)}`;
}
