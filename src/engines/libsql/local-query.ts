import type { Client } from '@libsql/client/sqlite3';
import type { Row, Statement } from '../../sql/statement.ts';
import { busyError, isBusy, toQueryError } from '../sql-errors.ts';
import { toArgs, toRows } from '../values.ts';
import { whileBusy } from '../waiting.ts';

export interface QueryOptions {
  readonly location: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
  readonly signal: AbortSignal | undefined;
  /** Run on the connection before each query: a connection that was busy is replaced by a new one. */
  readonly beforeQuery?: string;
  readonly onBusy: () => Promise<void> | void;
}

/** Asks a connection one question; waits while another program holds the database. */
export async function localQuery(
  client: Pick<Client, 'execute'>,
  { sql, args }: Statement,
  { location, busyTimeout, signal, beforeQuery, onBusy }: QueryOptions,
): Promise<readonly Row[]> {
  const attempt = async () => {
    if (beforeQuery !== undefined) await client.execute(beforeQuery);
    return client.execute({ sql, args: toArgs(args) });
  };
  try {
    const answer = await whileBusy(leavingNothing(attempt, onBusy), { isBusy, timeout: busyTimeout, signal });
    if (answer.kind === 'ok') return toRows(answer.value);
    if (answer.kind === 'busy') throw answer.cause;
  } catch (error) {
    throw isBusy(error) ? busyError(location, busyTimeout, error) : toQueryError(error, location);
  }
  signal?.throwIfAborted();
  return [];
}

/**
 * A statement that meets a lock stays begun in SQLite until it is reset, and the client resets none: whatever its
 * connection reads afterwards then keeps its read lock, which shuts out every writer, and its own COMMIT fails.
 * At that moment the connection holds nothing yet, so it is given up for a new one.
 */
export function leavingNothing<T>(
  attempt: () => Promise<T>,
  onBusy: () => Promise<void> | void,
): () => Promise<T> {
  return async () => {
    try {
      return await attempt();
    } catch (error) {
      if (isBusy(error)) await onBusy();
      throw error;
    }
  };
}
