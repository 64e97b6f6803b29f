import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';

/**
 * A request that brought no answer of the database. `not-begun`: the server never acted on it, for certain.
 * `lost`: it may have.
 */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  readonly kind: 'not-begun' | 'lost';
  /** Whether asking again might help. */
  readonly lasting: 'for-now' | 'until-fixed';
  readonly next: string;

  constructor(
    message: string,
    options: Pick<RequestFailure, 'kind' | 'lasting' | 'next'> & { readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.lasting = options.lasting;
    this.next = options.next;
  }

  toMigrateError(): MigrateError {
    return new MigrateError('unreachable', this.message, { next: this.next, cause: this.cause });
  }
}

/**
 * The `fetch` that carries the client's requests: it reads the answer whole, and every failure it throws
 * says whether the server can have acted. The message names the host, never the token.
 */
export function requestThrough(location: string, signal: () => AbortSignal | undefined): typeof fetch {
  return async (input, init) => {
    const answer = await send(input, { ...init, redirect: 'manual' }, location, signal());
    if (answer.status >= 300) throw failureOfStatus(answer, location);
    if (!/json/.test(answer.type)) throw notLibsql(location, `an answer of type ${answer.type || 'unknown'}`);
    return new Response(answer.body, { status: 200, headers: { 'content-type': 'application/json' } });
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function send(
  input: Parameters<typeof fetch>[0],
  init: RequestInit,
  location: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    const response = await fetch(input, signal ? { ...init, signal } : init);
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, body: await response.text() };
  } catch (error) {
    throw failureOfConnection(error, location);
  }
}

function failureOfStatus({ status, body }: Answer, location: string): RequestFailure {
  if (status === 401 || status === 403) {
    return new RequestFailure(`${location} refuses the token (HTTP ${status})`, {
      kind: 'not-begun',
      lasting: 'until-fixed',
      next: 'Set the environment variable that holds the token to a valid one for this database.',
    });
  }
  if (status === 404) {
    return new RequestFailure(
      `${location} answers, but there is no libSQL database at this address (HTTP 404)`,
      {
        kind: 'not-begun',
        lasting: 'until-fixed',
        next: 'Check the host name and the path of the URL.',
      },
    );
  }
  if (status >= 500) {
    return new RequestFailure(`${location} answered with HTTP ${status}`, {
      kind: 'lost',
      lasting: 'for-now',
      next: 'Wait until the server is well, and try again.',
    });
  }
  if (status < 400) return notLibsql(location, `a redirection (HTTP ${status})`);
  return new RequestFailure(`${location} refused the request (HTTP ${status}${serverWords(body)})`, {
    kind: 'not-begun',
    lasting: status === 429 ? 'for-now' : 'until-fixed',
    next: 'Check the URL; the words in brackets are the server’s.',
  });
}

/** The server's own short reason, when it sends one; no more than a line of it. */
function serverWords(body: string): string {
  const found = /"(?:error|message)"\s*:\s*"([^"\\]{1,120})"/.exec(body);
  return found ? `, ${found[1]}` : '';
}

function notLibsql(location: string, what: string): RequestFailure {
  return new RequestFailure(`${location} is not a libSQL server: it sent ${what}`, {
    kind: 'lost',
    lasting: 'until-fixed',
    next: 'Check the URL: it should be the database’s own, such as libsql://name-org.turso.io.',
  });
}

function failureOfConnection(error: unknown, location: string): RequestFailure {
  const code = codeIn(error);
  const known = Object.hasOwn(connectionProblems, code) ? connectionProblems[code] : undefined;
  if (known) {
    const [what, next] = known;
    const lasting = what.startsWith('its name') || code === badPort ? 'until-fixed' : 'for-now';
    return new RequestFailure(`${location} cannot be reached: ${what} (${code})`, {
      kind: 'not-begun',
      lasting,
      next,
      cause: error,
    });
  }
  if (isTls(code)) {
    return new RequestFailure(`${location} cannot be reached safely: its certificate is refused (${code})`, {
      kind: 'not-begun',
      lasting: 'until-fixed',
      next: 'Check the host name; for a server without TLS use an http: URL.',
      cause: error,
    });
  }
  const timedOut = code === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT';
  return new RequestFailure(
    timedOut
      ? `${location} did not answer in time`
      : `The connection to ${location} broke before the answer came (${code})`,
    {
      kind: 'lost',
      lasting: timedOut ? 'until-fixed' : 'for-now',
      next: 'Check the network and the server, and try again.',
      cause: error,
    },
  );
}

/** What `fetch` says, without a code, of a port that it never connects to, such as 1 or 9. */
const badPort = 'bad port';

const connectionProblems: Readonly<Record<string, readonly [what: string, next: string]>> = {
  ECONNREFUSED: ['nothing listens at this address', 'Start the server, or correct the host and port.'],
  [badPort]: ['no program may connect to this port by HTTP', 'Correct the port in the URL.'],
  ENOTFOUND: ['its name is not known', 'Check the spelling of the host in the URL.'],
  EAI_AGAIN: ['its name could not be looked up', 'Check the network connection.'],
  EHOSTUNREACH: ['there is no way to the host', 'Check the network connection.'],
  ENETUNREACH: ['there is no network', 'Check the network connection.'],
  UND_ERR_CONNECT_TIMEOUT: ['the connection was not made in time', 'Check the network and the host.'],
  ETIMEDOUT: ['the connection was not made in time', 'Check the network and the host.'],
};

function isTls(code: string): boolean {
  return /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/.test(code);
}

/** The code of the innermost cause that has one: `fetch` hides it under "fetch failed". */
function codeIn(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return error.name;
  const inner = error.cause === undefined ? undefined : codeIn(error.cause);
  if (inner !== undefined && inner !== 'unknown') return inner;
  if (error.message === badPort) return badPort;
  return codeOf(error) ?? 'unknown';
}
