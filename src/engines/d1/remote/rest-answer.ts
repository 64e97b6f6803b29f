import type { Secret } from '../../../lib/secret.ts';
import { SqlError } from '../../engine.ts';
import { RestFailure } from './rest-failure.ts';
import { field, listField, numberField, textField } from './shape.ts';

/** What came back, read whole. */
export interface RawAnswer {
  readonly status: number;
  /** The header `Retry-After`, as sent. */
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** The content of an envelope that says it went well. */
export interface RestAnswer {
  readonly result: unknown;
  readonly info: unknown;
}

/**
 * The content of the envelope `{ result, success, errors }`.
 *
 * @param asked with which token, and of whom, for messages
 * @throws RestFailure for everything else, saying whether anything was run
 */
export function contentOfAnswer(answer: RawAnswer, asked: Asked): RestAnswer {
  const { status, body } = answer;
  const { host } = asked;
  const envelope = parsed(body);
  const success = field(envelope, 'success');
  if (status < 300 && success === true)
    return { result: field(envelope, 'result'), info: field(envelope, 'result_info') };
  if (status >= 300 && status < 400) throw notTheApi(host, `a redirection (HTTP ${status})`);
  if (status < 300 && success !== false)
    throw notTheApi(host, 'an answer that is not in the form of the API');
  throw refusalOf(answer, envelope, asked);
}

interface Asked {
  readonly host: string;
  readonly token: Secret;
}

/** A statement's error in the words of D1, which has SQLite's code behind it; undefined when it is none. */
export function toSqlError(message: string): SqlError | undefined {
  const found =
    /^(?:D1_ERROR: )?([\s\S]*?)(?: at offset \d+)?: (SQLITE_[A-Z_]+)(?: \(extended: (SQLITE_[A-Z_]+)\))?$/.exec(
      message,
    );
  if (!found) return undefined;
  const [, text = message, code = 'SQLITE_ERROR', extended] = found;
  return new SqlError(text, { code: extended ?? code });
}

function refusalOf(answer: RawAnswer, envelope: unknown, { host, token }: Asked): RestFailure {
  const [first] = listField(envelope, 'errors');
  const number = numberField(first, 'code');
  const said: Said = {
    status: answer.status,
    number,
    // A gateway may quote the request that it refuses, and its words are shown.
    message: (textField(first, 'message') ?? '').replaceAll(token.reveal(), String(token)),
    code: number === undefined ? `HTTP ${answer.status}` : String(number),
    host,
    retryAfter: milliseconds(answer.retryAfter),
  };
  return held(said) ?? access(said) ?? missing(said) ?? tooMany(said) ?? statement(said) ?? other(said);
}

interface Said {
  readonly status: number;
  /** Cloudflare's own error code. */
  readonly number: number | undefined;
  readonly message: string;
  readonly code: string;
  readonly host: string;
  readonly retryAfter: number | undefined;
}

/** An export or import of somebody's keeps everybody else out: nothing of the request was run. */
function held(said: Said): RestFailure | undefined {
  const [, what] = /currently processing a long-running (export|import)/i.exec(said.message) ?? [];
  if (what === undefined) return undefined;
  return new RestFailure(`The database is held by an ${what} that is running on it (code ${said.code})`, {
    kind: 'not-begun',
    code: said.code,
    reason: 'busy',
    lasting: 'for-now',
    next: `Wait until the ${what} is through; one that nobody asks for any more ends by itself after a while.`,
  });
}

function access({ status, number, code, host }: Said): RestFailure | undefined {
  const details = { kind: 'not-begun', code, reason: 'access', lasting: 'until-fixed' } as const;
  if (number === 7403) {
    return new RestFailure(
      `${host}: the account does not belong to the token, or has no such service (code ${code})`,
      {
        ...details,
        next: 'Check CLOUDFLARE_ACCOUNT_ID, and for which account the token was made.',
      },
    );
  }
  if (status === 401 || (number !== undefined && badToken.has(number))) {
    return new RestFailure(`${host} refuses the token (code ${code}, HTTP ${status})`, {
      ...details,
      next: 'Check the token in CLOUDFLARE_API_TOKEN, CF_API_TOKEN or CLOUDFLARE_D1_TOKEN, or where the Drizzle configuration has it: it has to be valid, with the permission D1 Edit (D1 Read is enough to look). Or run wrangler login.',
    });
  }
  if (status !== 403) return undefined;
  return new RestFailure(`${host}: the token may not do this (code ${code}, HTTP ${status})`, {
    ...details,
    next: 'A change needs a token with the permission D1 Edit; D1 Read is enough to look.',
  });
}

/** Invalid headers, no or a malformed token, an unknown token, and one that may not do this. */
const badToken = new Set([6003, 9106, 9109, 10_000, 10_001]);

function missing({ status, number, code, host }: Said): RestFailure | undefined {
  if (status !== 404 && number !== 7404) return undefined;
  return new RestFailure(`${host} knows no such database (code ${code})`, {
    kind: 'not-begun',
    code,
    reason: 'missing',
    lasting: 'until-fixed',
    next: 'Check the name or id of the database, and the account.',
  });
}

function statement({ status, number, message, code, host }: Said): RestFailure | undefined {
  if (status !== 400 && number !== 7500) return undefined;
  const known = toSqlError(message);
  if (status >= 500 || (!known && interrupted.test(message))) return undefined;
  if (known && /^SQLITE_(BUSY|LOCKED)/.test(known.code)) {
    return new RestFailure(`The database is locked by another request at ${host} (${known.code})`, {
      kind: 'undone',
      code: known.code,
      reason: 'busy',
      lasting: 'for-now',
      next: 'Let the other request finish, and try again.',
    });
  }
  const refused = known ?? new SqlError(message || `refused by ${host}`, { code: `D1_${code}` });
  return new RestFailure(refused.message, {
    kind: 'undone',
    code: refused.code,
    reason: 'statement',
    lasting: 'until-fixed',
    next: 'Correct the statement.',
    statement: refused,
  });
}

/** Words that D1 says when the database itself was restarted or moved: a commit may have come before. */
const interrupted =
  /network connection lost|object to be reset|was reset|because its code was updated|internal error|exceeded (its|the) (cpu|memory)|timed? ?out|please (re)?try|cannot resolve|d1 reset/i;

function tooMany({ status, message, code, host, retryAfter }: Said): RestFailure | undefined {
  const overloaded = /overloaded|requests queued/i.test(message) && !toSqlError(message);
  if (status !== 429 && !overloaded) return undefined;
  // What stood in a queue, or before it, was not run; of anything else that comes with 429 that is not known.
  const sure =
    overloaded || code === '971' || code === '10429' || /too many requests|rate limit|throttl/i.test(message);
  const wait = retryAfter === undefined ? '' : ` for ${Math.ceil(retryAfter / 1000)} s`;
  return new RestFailure(`${host} takes no more requests${wait} (HTTP ${status}, code ${code})`, {
    kind: sure ? 'not-begun' : 'lost',
    code,
    reason: 'busy',
    lasting: 'for-now',
    next: 'Wait a few minutes: a token has 1,200 requests in 5 minutes, and an overloaded database needs its users to slow down.',
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

function other({ status, message, code, host, retryAfter }: Said): RestFailure {
  const lost = status >= 500 || status < 400 || interrupted.test(message);
  return new RestFailure(
    lost
      ? `${host} answered with HTTP ${status}${words(message)}`
      : `${host} refused the request (HTTP ${status}, code ${code}${words(message)})`,
    {
      kind: lost ? 'lost' : 'not-begun',
      code,
      reason: 'connection',
      lasting: lost ? 'for-now' : 'until-fixed',
      next: lost
        ? 'Wait until the service is well (www.cloudflarestatus.com), and try again.'
        : 'The words in brackets are the server’s.',
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  );
}

/** The server's own reason, as far as one line of it. */
function words(message: string): string {
  const [line = ''] = message.split('\n');
  return line === '' ? '' : `, ${line.slice(0, 120)}`;
}

function notTheApi(host: string, what: string): RestFailure {
  return new RestFailure(`${host} is not Cloudflare’s API: it sent ${what}`, {
    kind: 'lost',
    code: 'NOT_THE_API',
    reason: 'connection',
    lasting: 'until-fixed',
    next: 'Check CLOUDFLARE_API_BASE_URL, and whether a proxy stands in between.',
  });
}

/** `Retry-After` is in seconds, or the time itself. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function parsed(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch {
    return undefined;
  }
}
