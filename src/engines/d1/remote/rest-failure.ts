import { codeOf } from '../../../lib/error-code.ts';
import { MigrateError } from '../../../lib/errors.ts';
import { SqlError } from '../../engine.ts';

/**
 * A request to the REST API that did not bring what was asked for. `not-begun`: nothing was run, for certain.
 * `undone`: a statement was refused, and all of the request with it. `lost`: it may have been carried out.
 */
export type RestFailureKind = 'not-begun' | 'undone' | 'lost';

interface Details {
  readonly kind: RestFailureKind;
  /** For logs: `7500`, `HTTP 502`, `ECONNREFUSED`. */
  readonly code: string;
  /** What is in the way: the statement, another user of the database, the access, or the way to the server. */
  readonly reason: 'statement' | 'busy' | 'access' | 'missing' | 'connection';
  /** Whether asking again might help. */
  readonly lasting: 'for-now' | 'until-fixed';
  readonly next: string;
  /** Milliseconds that the server wants to be left alone. */
  readonly retryAfter?: number;
  /** With the reason `statement`. */
  readonly statement?: SqlError;
  readonly cause?: unknown;
}

export class RestFailure extends Error {
  override readonly name = 'RestFailure';
  readonly details: Details;

  constructor(message: string, details: Details) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.details = details;
  }

  /** As what `Engine.query` and everything around it throws. */
  toError(): MigrateError | SqlError {
    const { reason, next, statement, cause } = this.details;
    if (statement) return statement;
    const code = reason === 'busy' ? 'busy' : reason === 'missing' ? 'not-found' : 'unreachable';
    return new MigrateError(code, this.message, { next, ...(cause === undefined ? {} : { cause }) });
  }
}

/** A fetch that brought no answer. */
export function failureOfConnection(error: unknown, host: string): RestFailure {
  const code = codeIn(error);
  const known = Object.hasOwn(connectionProblems, code) ? connectionProblems[code] : undefined;
  if (known) {
    const [what, next] = known;
    return new RestFailure(`${host} cannot be reached: ${what} (${code})`, {
      kind: 'not-begun',
      code,
      reason: 'connection',
      lasting: code === 'ENOTFOUND' ? 'until-fixed' : 'for-now',
      next,
      cause: error,
    });
  }
  if (tls.test(code)) {
    return new RestFailure(`${host} cannot be reached safely: its certificate is refused (${code})`, {
      kind: 'not-begun',
      code,
      reason: 'connection',
      lasting: 'until-fixed',
      next: 'Check whether a proxy stands in between, and CLOUDFLARE_API_BASE_URL if it is set.',
      cause: error,
    });
  }
  const timedOut = code === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT';
  const what = timedOut
    ? `${host} did not answer in time`
    : `The connection to ${host} broke before the answer came (${code})`;
  return new RestFailure(what, {
    kind: 'lost',
    code,
    reason: 'connection',
    lasting: timedOut ? 'until-fixed' : 'for-now',
    next: 'Check the network, and try again.',
    cause: error,
  });
}

const connectionProblems: Readonly<Record<string, readonly [what: string, next: string]>> = {
  ECONNREFUSED: ['nothing listens at this address', 'Check CLOUDFLARE_API_BASE_URL if it is set.'],
  ENOTFOUND: ['its name is not known', 'Check the network connection.'],
  EAI_AGAIN: ['its name cannot be looked up now', 'Check the network connection.'],
  ENETUNREACH: ['there is no network', 'Check the network connection.'],
  EHOSTUNREACH: ['there is no way to it', 'Check the network connection.'],
  UND_ERR_CONNECT_TIMEOUT: ['the connection was not made in time', 'Check the network connection.'],
};

const tls = /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/;

/** The code of the innermost cause that has one: `fetch` hides it under "fetch failed". */
function codeIn(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return error.name;
  const inner = error.cause === undefined ? 'unknown' : codeIn(error.cause);
  if (inner !== 'unknown') return inner;
  return codeOf(error) ?? 'unknown';
}
