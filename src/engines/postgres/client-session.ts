import type { Client } from 'pg';
import type { Row, Statement } from '../../sql/statement.ts';
import type { Connection } from './connection.ts';
import { ConnectionLost } from './server-errors.ts';
import { toLimitedError, type LimitedSession } from './session-limits.ts';
import type { Answer, Beside, Commanded, Session } from './session.ts';
import { toParameters } from './values.ts';

/** A session over a connection of `pg`, which it does not own. */
export function clientSession(
  connection: Pick<Connection, 'client' | 'cut' | 'canCheckClient'> & LimitedSession,
  beside: Beside,
): Session {
  const { client, cut, canCheckClient } = connection;
  const thrown = (error: unknown, sql: string): never => {
    const failure = toLimitedError(error, sql, connection);
    // The server may have said goodbye without the connection being closed yet.
    if (failure instanceof ConnectionLost) cut();
    throw failure;
  };
  return {
    // Else a statement goes on, and keeps its locks, long after its program was killed:
    // https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
    settings: canCheckClient ? 'SET LOCAL client_connection_check_interval = 2000; ' : '',
    run: (statement) => run(client, statement).catch((error: unknown) => thrown(error, statement.sql)),
    async command(sql) {
      const result = await client.query(sql).catch((error: unknown) => thrown(error, sql));
      // As many as the text has commands, whatever the types say.
      return answered(client, [result].flat().at(-1)?.command);
    },
    cut,
    beside,
  };
}

async function run(client: Client, { sql, args }: Statement): Promise<Answer> {
  // In the extended protocol the server takes one statement and refuses a text with several. The types lack the mode:
  // https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
  const asked = { text: sql, values: toParameters(args), queryMode: 'extended' };
  const result = await client.query<Row>(asked);
  return { rows: result.rows, ...answered(client, result.command) };
}

function answered(client: Client, command: string | undefined): Commanded {
  return {
    // Null, whatever the types say, for a text without a statement.
    command: command || undefined,
    transaction: client.getTransactionStatus() === 'I' ? 'none' : 'open',
  };
}
