import { meaningfulTokens } from '../../sql/tokens.ts';
import { SqlError, type Unit, type UnitOutcome } from '../engine.ts';

/**
 * A unit with a statement that would begin or end its transaction, before anything is sent. Whether a text holds
 * exactly one statement is for the server to say, whose parser is the only right one.
 */
export function refusePostgresUnit({
  statements,
}: Unit): Extract<UnitOutcome, { kind: 'failed' }> | undefined {
  for (const { sql, number, role } of statements) {
    if (role !== 'migration') continue;
    const word = transactionControl(sql);
    if (word === undefined) continue;
    const error = new SqlError(
      `${word} would begin or end a transaction inside the migration's own; nothing was run`,
      { code: 'TRANSACTION_CONTROL' },
    );
    return { kind: 'failed', ...(number === undefined ? {} : { number }), error };
  }
  return undefined;
}

/** The word by which a statement begins or ends a transaction; undefined for every other statement. */
function transactionControl(sql: string): string | undefined {
  // Most statements say at once that they are none.
  if (/^\s*(?:create|alter|drop|insert|update|delete|select|comment|grant|do|with)\b/i.test(sql))
    return undefined;
  const words = meaningfulTokens(sql).map(({ text }) => text.toUpperCase());
  // The server drops what is empty before a semicolon.
  const [first = '', ...others] = words.slice(words.findIndex((word) => word !== ';')).slice(0, 4);
  switch (first) {
    case 'BEGIN':
    case 'COMMIT':
    case 'END':
    case 'ABORT':
      return first;
    case 'ROLLBACK':
      // To a savepoint stays inside.
      return others.includes('TO') ? undefined : first;
    case 'START':
    case 'PREPARE':
      return others[0] === 'TRANSACTION' ? `${first} TRANSACTION` : undefined;
    default:
      return undefined;
  }
}

/** Whether what a statement sets may outlive its transaction; more statements than need be count as such. */
export function mayOutliveUnit(sql: string): boolean {
  return sessionWords.test(sql);
}

const sessionWords =
  /\b(?:set|reset|set_config|prepare|listen|load|temp|temporary|advisory_lock\w*|declare|discard)\b/i;
