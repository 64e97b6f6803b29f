import { DatabaseError } from 'pg';
import { MigrateError } from '../../lib/errors.ts';
import { keepYoungGenerationAsItIs } from '../../lib/young-generation.ts';
import { asking, type Row } from '../../sql/statement.ts';
import type { PostgresAddress } from '../address.ts';
import { turns } from '../turns.ts';
import { connectPostgres, type Connection } from './connection.ts';
import { copyInQuery, copyOutQuery } from './copy/stream.ts';
import { toLimitedError } from './session-limits.ts';
import { stopped, toTableError } from './copy/table-errors.ts';
import type { TableSession } from './copy/table-session.ts';
import { toParameters } from './values.ts';

export interface ServerSessionOptions {
  /** Milliseconds; 10,000 unless said. */
  readonly connectTimeout?: number;
  /** How long to wait for another's lock, in milliseconds; 5000 unless said. */
  readonly lockTimeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a session with a server. When the signal comes, the statement in progress is cancelled there and nothing
 * more is sent.
 *
 * @throws MigrateError `unreachable`, `interrupted`
 */
export async function openServerSession(
  address: Pick<PostgresAddress, 'url' | 'password'>,
  { connectTimeout = 10_000, lockTimeout = 5000, signal }: ServerSessionOptions = {},
): Promise<TableSession> {
  // Each of millions of rows leaves a few small objects behind.
  keepYoungGenerationAsItIs();
  const open = () => connectPostgres(address, { session: 'changes', connectTimeout, lockTimeout });
  const connection = await open();
  const { client, location } = connection;
  const inTurn = turns();
  const sent = <T>(work: () => Promise<T>): Promise<T> =>
    inTurn(() =>
      work().catch((error: unknown) => {
        throw signal?.aborted ? stopped() : toTableError(toTold(error, connection), location);
      }),
    );
  const unlessStopped = <T>(work: () => Promise<T>): Promise<T> =>
    sent(() => (signal?.aborted ? Promise.reject(stopped()) : work()));
  const cancel = () => void cancelStatement(connection, open);
  signal?.addEventListener('abort', cancel, { once: true });
  return {
    location,
    query: asking('postgres', ({ sql, args }) =>
      unlessStopped(async () => {
        const { rows } = await client.query<Row>({ text: sql, values: [...toParameters(args)] });
        return rows;
      }),
    ),
    run: (sql) => unlessStopped(async () => void (await client.query(sql))),
    rollback: () => sent(async () => void (await client.query('ROLLBACK'))),
    copyOut: ({ select }, take) =>
      unlessStopped(() => client.query(copyOutQuery(`COPY (${select}) TO STDOUT`, take)).finished),
    copyIn: (into, pieces) =>
      unlessStopped(() => client.query(copyInQuery(`COPY ${into} FROM STDIN`, pieces)).finished),
    async [Symbol.asyncDispose]() {
      signal?.removeEventListener('abort', cancel);
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** What this machine or we say of it is told already. */
function toTold(error: unknown, connection: Connection): unknown {
  const isOfServer = error instanceof DatabaseError || !connection.isAlive();
  return isOfServer && !(error instanceof MigrateError) ? toLimitedError(error, '', connection) : error;
}

/** From a second connection, as the first one waits; where none is to be had, the first one is cut. */
async function cancelStatement({ backend, cut }: Connection, open: () => Promise<Connection>): Promise<void> {
  try {
    await using second = await open();
    await second.client.query('SELECT pg_catalog.pg_cancel_backend($1)', [backend]);
  } catch {
    cut();
  }
}
