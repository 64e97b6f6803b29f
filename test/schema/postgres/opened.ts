import { asking, type Query, type Row } from '../../../src/sql/statement.ts';
import type { PostgresServer } from '../../support/postgres.ts';

/** A database of its own on the server, with statements run in it. */
export interface Opened extends AsyncDisposable {
  readonly query: Query;
  /** One statement or several, as one transaction. */
  readonly run: (sql: string) => Promise<void>;
}

export async function openPostgres(server: PostgresServer, sql = ''): Promise<Opened> {
  const database = await server.createDatabase();
  const client = await database.connect();
  const run = async (text: string) => {
    await client.query(text);
  };
  if (sql !== '') await run(sql);
  return {
    run,
    query: asking('postgres', async ({ sql, args }) => {
      const { rows } = await client.query<Row>(sql, [...(args ?? [])]);
      return rows;
    }),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
