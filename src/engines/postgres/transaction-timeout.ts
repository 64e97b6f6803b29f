/**
 * Lifts a limit on how long transactions last, as work of ours takes what it takes. Servers before 17 know of none, and
 * would refuse a SET.
 * https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-TRANSACTION-TIMEOUT
 *
 * @param scope whether it holds for the session, or for the transaction
 */
export function liftTransactionTimeout(scope: 'SET' | 'SET LOCAL'): string {
  return `SELECT pg_catalog.set_config(name, '0', ${scope === 'SET LOCAL'}) ${known}`;
}

/** Gives the session what it was opened with. */
export function resetTransactionTimeout(): string {
  return `SELECT pg_catalog.set_config(name, reset_val, false) ${known}`;
}

const known = "FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'";
