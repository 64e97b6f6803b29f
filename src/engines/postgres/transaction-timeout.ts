import type { Query } from '../../sql/statement.ts';

/**
 * Lifts a limit on how long transactions of the session last, as work of ours takes what it takes. Servers before 17
 * know of none, and would refuse a SET. Not for a transaction that is of one moment: it takes that moment.
 * https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-TRANSACTION-TIMEOUT
 */
export function liftTransactionTimeout(): string {
  return `SELECT pg_catalog.set_config(name, '0', false) ${known}`;
}

/** Gives the session what it was opened with. */
export function resetTransactionTimeout(): string {
  return `SELECT pg_catalog.set_config(name, reset_val, false) ${known}`;
}

const known = "FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'";

/** Asked with SHOW, which takes no snapshot: the moment of a transaction is that of the first one. */
export async function knowsTransactionTimeout({ query }: { readonly query: Query }): Promise<boolean> {
  const [row] = await query({ sql: 'SHOW server_version_num' });
  return Number(row?.['server_version_num']) >= 170_000;
}
