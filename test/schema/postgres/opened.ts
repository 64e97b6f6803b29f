import { asking, type Query, type Row } from '../../../src/sql/statement.ts';
import { postgresServer } from '../../support/postgres.ts';

/** A server and one empty database of it. */
export interface Opened extends AsyncDisposable {
  readonly query: Query;
  /** One statement or several. */
  readonly run: (sql: string) => Promise<void>;
  /** A second connection to the same database. */
  readonly another: () => Promise<AsyncDisposable & { readonly run: (sql: string) => Promise<void> }>;
  /** What becomes of the statements is looked at, and then they are rolled back: the database stays empty. */
  readonly within: <Result>(statements: readonly string[], look: () => Promise<Result>) => Promise<Result>;
}

export async function openPostgres(): Promise<Opened> {
  const server = await postgresServer();
  const client = await server.connect();
  const run = async (sql: string) => {
    await client.query(sql);
  };
  return {
    run,
    within: async (statements, look) => {
      await run('BEGIN');
      try {
        for (const sql of statements) await run(sql);
        return await look();
      } finally {
        await run('ROLLBACK');
      }
    },
    query: asking('postgres', async ({ sql, args }) => {
      const { rows } = await client.query<Row>(sql, [...(args ?? [])]);
      return rows;
    }),
    another: async () => {
      const second = await server.connect();
      return {
        run: async (sql) => {
          await second.query(sql);
        },
        [Symbol.asyncDispose]: () => second[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
