import { SqlError } from '../../engines/engine.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { RefusedStatement } from './first-refusal.ts';
import { openInMemory } from './scratch-engine.ts';

/**
 * The statements that SQLite's own parser does not take, each read by itself: they are compiled in an empty database and
 * not run, so that tables which are not there say nothing.
 */
export async function syntaxErrors(
  migrations: readonly Pick<Migration, 'tag' | 'statements'>[],
  signal: AbortSignal,
): Promise<readonly RefusedStatement[]> {
  await using engine = await openInMemory('sqlite');
  const found: RefusedStatement[] = [];
  for (const { tag, statements } of migrations) {
    signal.throwIfAborted();
    for (const [index, { sql }] of statements.entries()) {
      const why = await syntaxError(engine.query, sql);
      if (why !== undefined) found.push({ tag, statement: index + 1, why });
    }
  }
  return found;
}

async function syntaxError(
  query: (statement: { readonly sql: string }) => Promise<unknown>,
  sql: string,
): Promise<string | undefined> {
  try {
    // The plan of a statement is short; its program has a row for each value that it inserts.
    await query({ sql: /^explain\b/i.test(sql) ? sql : `EXPLAIN QUERY PLAN ${sql}` });
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return isAboutSyntax(error.message) ? withoutValues(error.message) : undefined;
  }
}

/** The words of SQLite's parser and tokenizer (parse.y, tokenize.c). */
function isAboutSyntax(message: string): boolean {
  return /syntax error|incomplete input|unrecognized token/.test(message);
}
