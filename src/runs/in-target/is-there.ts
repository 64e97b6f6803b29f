import type { Engine } from '../../engines/engine.ts';
import { quoteText } from '../../sql/quote.ts';

/** Whether a database has a table of that name. */
export async function isThere({ query }: Pick<Engine, 'query'>, table: string): Promise<boolean> {
  return (await query({ sql: `SELECT 1 FROM sqlite_schema WHERE name = ${quoteText(table)}` })).length > 0;
}
