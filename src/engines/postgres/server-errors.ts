import { DatabaseError } from 'pg';
import { SqlError } from '../engine.ts';
import { withLine } from './error-line.ts';
import { withoutValue } from './without-value.ts';

/** The connection ended before the answer came: what was asked may have been done. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  /** What to do next, where that is known. */
  readonly next: string | undefined;

  constructor(message: string, { cause, next }: { readonly cause?: unknown; readonly next?: string } = {}) {
    super(message, { cause });
    this.next = next;
  }
}

/**
 * What a statement's failure was: the server's refusal, with its SQLSTATE as the code, or a lost connection. The
 * message leaves out DETAIL, which quotes whole rows, and values; `cause` is what `pg` threw.
 *
 * @param sql the statement, to find the line of a syntax error in
 */
export function toSessionError(thrown: unknown, sql = ''): SqlError | ConnectionLost {
  if (thrown instanceof SqlError || thrown instanceof ConnectionLost) return thrown;
  // Without a SQLSTATE it is the client that speaks, and what it says is always about its connection.
  if (!(thrown instanceof DatabaseError) || thrown.code === undefined) return lost(thrown);
  // Its session was ended by the server: shut down, or told to by an administrator.
  if (endedByServer.test(thrown.code) || isFatal(thrown)) return lost(thrown);
  if (thrown.code === '42601' && thrown.message.includes('multiple commands')) {
    return new SqlError('the text holds more than one statement', {
      code: 'SEVERAL_STATEMENTS',
      cause: thrown,
    });
  }
  return new SqlError(withoutValue(thrown.code, withLine(thrown, sql)), { code: thrown.code, cause: thrown });
}

function lost(thrown: unknown): ConnectionLost {
  if (!(thrown instanceof Error)) return new ConnectionLost(String(thrown), { cause: thrown });
  const code = 'code' in thrown && typeof thrown.code === 'string' ? ` (${thrown.code})` : '';
  // How `pg` says, of its own client, that the connection broke while nothing was asked over it.
  const said = thrown.message.endsWith('is not queryable') ? 'its connection broke off' : thrown.message;
  return new ConnectionLost(`${said}${code}`, { cause: thrown });
}

const isFatal = ({ severity }: DatabaseError) => severity === 'FATAL' || severity === 'PANIC';

// Class 57P: https://www.postgresql.org/docs/current/errcodes-appendix.html
const endedByServer = /^(?:57P0[1-5]|25P0[34]|08)/;
