import { isWord } from './cursor.ts';
import { namedAlone } from './stepwise.ts';
import { meaningfulTokens } from './tokens.ts';

/**
 * A statement that gives the same schema inside a transaction: for a replay in a database that nobody else uses, and
 * that is undone. Any other statement as it is.
 */
export function inOneTransaction(sql: string): string {
  const named = namedAlone(sql);
  if (named === undefined) return sql;
  // It changes no schema.
  if (named === 'REINDEX CONCURRENTLY') return 'SELECT 1';
  const at = meaningfulTokens(sql).find((token) => isWord(token, 'CONCURRENTLY'))?.offset;
  return at === undefined ? sql : sql.slice(0, at) + sql.slice(at + 'CONCURRENTLY'.length);
}
