import { MigrateError } from '../../../lib/errors.ts';
import type { Query } from '../../../sql/statement.ts';
import type { TakePiece } from './stream.ts';
import type { SourceTable } from './dumped-tables.ts';
import { knowsTransactionTimeout } from '../transaction-timeout.ts';

/**
 * A connection of its own to a PostgreSQL database that carries whole tables. One thing is asked of it at a time;
 * questions wait for one another by themselves. Closing it undoes a transaction that was not committed.
 */
export interface TableSession extends AsyncDisposable {
  /** Where it is, for people, without credentials. */
  readonly location: string;
  readonly query: Query;
  /** Runs statements for what they do. */
  run(sql: string): Promise<void>;
  /** Undoes a transaction, also after the signal came. */
  rollback(): Promise<void>;
  /**
   * @param take is given the rows in COPY's text format, one row at a time where the server sends them so
   * @returns rows
   */
  copyOut(table: Pick<SourceTable, 'select' | 'oid'>, take: TakePiece): Promise<number>;
  /**
   * @param into a table with its columns, quoted
   * @param pieces of COPY's text format, which end anywhere; each need only be valid until the next is asked for
   * @returns rows
   */
  copyIn(into: string, pieces: AsyncIterable<Uint8Array>): Promise<number>;
}

/** The same texts whatever defaults a server, a database or a user have. */
const settings: readonly string[] = [
  "client_encoding = 'UTF8'",
  "datestyle = 'ISO'",
  "intervalstyle = 'postgres'",
  'extra_float_digits = 1',
  "bytea_output = 'hex'",
  'standard_conforming_strings = on',
  // A body may name what is made after it.
  'check_function_bodies = off',
  'xmloption = content',
  // Rows that a policy hides would be left out without a word: it is an error instead.
  'row_security = off',
  'statement_timeout = 0',
  'idle_in_transaction_session_timeout = 0',
];

/** @param scope `SET LOCAL` inside a transaction: behind a pooler the session is not ours */
export async function applySettings(session: TableSession, scope: 'SET' | 'SET LOCAL'): Promise<void> {
  const limit = (await knowsTransactionTimeout(session)) ? ['transaction_timeout = 0'] : [];
  await session.run([...settings, ...limit].map((setting) => `${scope} ${setting}`).join('; '));
}

/** Takes `applySettings` back, where the session goes on to be another's: what it left set would be met there. */
export const resetSettings = settings.map((setting) => `RESET ${setting.split(' = ')[0]}`).join('; ');

export type TransactionOutcome<T> =
  | { readonly kind: 'committed'; readonly value: T }
  /** The answer to COMMIT was lost. */
  | { readonly kind: 'unknown'; readonly error: MigrateError };

/**
 * Runs `work` between BEGIN and COMMIT, or undoes all of it and throws why.
 *
 * @param begin such as `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`
 */
export async function inTransaction<T>(
  session: TableSession,
  begin: string,
  work: () => Promise<T>,
): Promise<TransactionOutcome<T>> {
  await session.run(begin);
  let isCommitting = false;
  try {
    await applySettings(session, 'SET LOCAL');
    const value = await work();
    isCommitting = true;
    await session.run('COMMIT');
    return { kind: 'committed', value };
  } catch (error) {
    if (isCommitting && error instanceof MigrateError && error.code === 'unreachable') {
      return { kind: 'unknown', error };
    }
    // A connection that is gone has undone it by itself.
    await session.rollback().catch(() => undefined);
    throw error;
  }
}
