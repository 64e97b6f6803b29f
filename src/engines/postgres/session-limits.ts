import { codeOf } from '../../lib/error-code.ts';
import { SqlError } from '../engine.ts';
import { ConnectionLost, toSessionError } from './server-errors.ts';

/** A limit that the server ends statements or sessions of this role by, as it was when the session began. */
export interface SessionLimit {
  readonly name: string;
  /** With its unit: `100ms`. */
  readonly value: string;
  /** What PostgreSQL calls the place where it is set: https://www.postgresql.org/docs/current/view-pg-settings.html */
  readonly source: string;
}

/** Whose session it is, and what the server said when it ended it while nothing was asked. */
export interface LimitedSession {
  readonly limits: readonly SessionLimit[];
  /** As SQL names them. */
  readonly role: string;
  readonly database: string;
  readonly endedBy: () => unknown;
}

/** One text of JSON with every limit that is set. Servers do not know all of the names. */
export const limitsSql = `(SELECT json_agg(json_build_object('name', name, 'value', pg_catalog.current_setting(name), 'source', source))::text
  FROM pg_catalog.pg_settings WHERE setting <> '0'
    AND name IN ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'))`;

/**
 * What the failure of a statement or a session was. Where a limit ran out it is named, with its value, where it is set
 * and what lifts it: the error itself has a name in the server's language, and nothing of the rest.
 */
export function toLimitedError(
  thrown: unknown,
  sql: string,
  session: LimitedSession,
): SqlError | ConnectionLost {
  const first = toSessionError(thrown, sql);
  const ended = first instanceof ConnectionLost ? session.endedBy() : undefined;
  const failure = ended === undefined ? first : toSessionError(ended, sql);
  const limit = limitOf(failure, session);
  if (!limit) return failure;
  const message = `${failure.message}: ${said(limit, session)}`;
  const next = nextFor(limit, session);
  return failure instanceof ConnectionLost
    ? new ConnectionLost(message, { cause: failure.cause, next })
    : new SqlError(message, { code: failure.code, cause: failure.cause, next });
}

function limitOf(failure: SqlError | ConnectionLost, { limits }: LimitedSession): SessionLimit | undefined {
  const code = codeOf(failure.cause) ?? '';
  // The same code stands for a statement that somebody cancelled.
  if (code === '57014' && /user request/.test(failure.message)) return undefined;
  return limits.find(({ name }) => name === endedBy[code]);
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const endedBy: Readonly<Record<string, string>> = {
  '57014': 'statement_timeout',
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
  '57P05': 'idle_session_timeout',
};

function said({ name, value, source }: SessionLimit, { role, database }: LimitedSession): string {
  return `${name} is ${value} here, set by ${places(role, database)[source] ?? "the server's configuration"}`;
}

function places(role: string, database: string): Readonly<Record<string, string>> {
  return {
    'database user': `ALTER ROLE ${role} IN DATABASE ${database}`,
    user: `ALTER ROLE ${role}`,
    // A scratch database has what the one has that it is a copy of.
    database: 'ALTER DATABASE',
    global: 'ALTER ROLE ALL',
    client: 'the options of the target',
  };
}

/** What is set for a role goes before what is set for a database, and only what is set for both before that. */
function nextFor({ name, source }: SessionLimit, { role, database }: LimitedSession): string {
  if (source === 'client') return `Take ${name} out of the options of the target.`;
  const where = source === 'database user' ? ` IN DATABASE ${database}` : '';
  return `Lift it for the role that migrates: ALTER ROLE ${role}${where} SET ${name} = 0;`;
}
