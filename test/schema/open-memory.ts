import { createClient, LibsqlError } from '@libsql/client';
import { SqlError } from '../../src/engines/engine.ts';
import { asking, type Query, type Row } from '../../src/sql/statement.ts';

/** A real libSQL database in memory, with statements run in it. */
export async function openMemory(
  statements: readonly string[] = [],
): Promise<AsyncDisposable & { readonly query: Query; readonly run: (sql: string) => Promise<void> }> {
  const client = createClient({ url: ':memory:' });
  const run = async (sql: string) => {
    await client.execute(sql);
  };
  for (const sql of statements) await run(sql);
  return {
    run,
    query: asking({ dialect: 'sqlite', bytes: 'as-they-are' }, async ({ sql, args }) => {
      const { columns, rows } = await client
        .execute({ sql, args: [...(args ?? [])] })
        .catch((error: unknown) => {
          throw error instanceof LibsqlError
            ? new SqlError(error.message, { code: error.code, cause: error })
            : error;
        });
      return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, value(row[at])])));
    }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

function value(found: unknown): Row[string] {
  if (found instanceof ArrayBuffer) return new Uint8Array(found);
  if (found === null || typeof found === 'string' || typeof found === 'number' || typeof found === 'bigint')
    return found;
  throw new Error(`A database gave ${typeof found}`);
}
