import { DatabaseError } from 'pg';
import { MigrateError } from '../../lib/errors.ts';
import type { Place } from './place.ts';

/**
 * Why a server could not be connected to, with what to do. Only names from the address are in it, never a password.
 *
 * @param timeout milliseconds
 */
export function openError(
  thrown: unknown,
  { place, timeout }: { readonly place: Place; readonly timeout: number },
): MigrateError {
  const said =
    thrown instanceof DatabaseError && thrown.code !== undefined
      ? ofServer(thrown.code, thrown.message, place)
      : ofConnection(thrown, place, timeout);
  return new MigrateError('unreachable', `${place.shown} ${said.why}`, { next: said.next, cause: thrown });
}

/** Whether the next attempt may well succeed by itself: the server starts or is cut off for a moment. */
export function isForNow(thrown: unknown): boolean {
  if (thrown instanceof DatabaseError && thrown.code !== undefined) return /^57P0[123]$/.test(thrown.code);
  return /ECONNREFUSED|ECONNRESET|EPIPE|terminated/.test(wordsOf(thrown));
}

interface Said {
  readonly why: string;
  readonly next: string;
}

function ofServer(code: string, message: string, { user, database, host, port }: Place): Said {
  const who = user === undefined ? 'the user' : `user ${user}`;
  switch (code) {
    case '28P01':
      return {
        why: `refuses the password of ${who}`,
        next: 'Check the user and the password of the target.',
      };
    case '28000':
      if (message.includes('no PostgreSQL user name')) {
        return {
          why: 'asks who connects, and the target names no user',
          next: 'Write the user into the URL of the target, or set PGUSER.',
        };
      }
      return message.includes('no encryption')
        ? { why: 'refuses a connection without TLS', next: 'Add ?sslmode=require to the URL.' }
        : { why: `refuses ${who} (${message})`, next: 'Check the user, and pg_hba.conf on the server.' };
    case '3D000':
      return {
        why: `answers, but has no database ${database ?? user ?? ''}`.trimEnd(),
        next: 'Check the name of the database, or create it first.',
      };
    case '42501':
      return {
        why: `does not let ${who} connect to the database`,
        next: `GRANT CONNECT ON DATABASE … TO …; gives the right.`,
      };
    case '53300':
      return {
        why: 'has no connection left: too many clients are connected',
        next: 'Wait until some of them end, or raise max_connections.',
      };
    case '57P03':
      return {
        why: `does not take connections now (${message})`,
        next: 'Wait until the server is up, and try again.',
      };
    case '25P03':
    case '25P04':
    case '57014':
    case '57P05':
      return {
        why: `ended the session before it was of use (${message})`,
        next: `Lift that limit for ${who}: ALTER ROLE … SET … = 0;`,
      };
    case '57P01':
    case '57P02':
      return { why: 'is shutting down', next: 'Wait until the server is up again, and try again.' };
    default:
      return {
        why: `refused the connection (${code}: ${message})`,
        next: `Check what listens on ${host}:${port}.`,
      };
  }
}

function ofConnection(thrown: unknown, { host, port }: Place, timeout: number): Said {
  const words = wordsOf(thrown);
  if (words.includes('timeout expired') || words.includes('ETIMEDOUT')) {
    return {
      why: `did not answer within ${timeout / 1000} s`,
      next: `Check that ${host}:${port} can be reached from here: address, firewall, VPN.`,
    };
  }
  if (/ECONNREFUSED|ENOENT/.test(words)) {
    return {
      why: 'cannot be reached: nothing listens there',
      next: `Start the server, or check the address ${host}:${port}.`,
    };
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(words)) {
    return { why: `cannot be reached: the name ${host} is not known`, next: 'Check the host in the URL.' };
  }
  if (/EHOSTUNREACH|ENETUNREACH/.test(words)) {
    return { why: 'cannot be reached: there is no way to that host', next: 'Check the network and the VPN.' };
  }
  if (words.includes('does not support SSL')) {
    return {
      why: 'does not encrypt connections, and the URL asks for it',
      next: 'Write sslmode=disable where the network is trusted, or switch TLS on on the server.',
    };
  }
  if (/CERT|certificate|ALTNAME/i.test(words)) {
    return {
      why: `shows a certificate that is not trusted (${codeOf(thrown) ?? words})`,
      next: "Name the authority's certificate with sslrootcert=FILE, or write sslmode=require to trust any.",
    };
  }
  if (words.includes('password must be a')) {
    return {
      why: 'asks for a password, and the target has none',
      next: 'Set the password of the target, or PGPASSWORD.',
    };
  }
  if (/ECONNRESET|EPIPE/.test(words)) {
    return {
      why: 'broke the connection off before it answered',
      next: `See whether the server is starting or ending, and what stands in front of it at ${host}:${port}.`,
    };
  }
  return {
    why: `did not answer as PostgreSQL does (${codeOf(thrown) ?? words})`,
    next: `Check what listens on ${host}:${port}.`,
  };
}

/** A name with several addresses fails once for each. */
function wordsOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(wordsOf).join(' ');
  if (!(thrown instanceof Error)) return String(thrown);
  return `${codeOf(thrown) ?? ''} ${thrown.message}`.trim();
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
