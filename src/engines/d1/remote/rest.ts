import { MigrateError } from '../../../lib/errors.ts';
import { isLoopback } from '../../../lib/loopback.ts';
import type { Secret } from '../../../lib/secret.ts';
import { pause } from '../../waiting.ts';
import { contentOfAnswer, type RawAnswer, type RestAnswer } from './rest-answer.ts';
import { failureOfConnection, RestFailure } from './rest-failure.ts';

export interface RestRequest {
  readonly method: 'GET' | 'POST';
  /** After the base, with a slash at its beginning: `/accounts/…/d1/database`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Milliseconds that its answer may take. */
  readonly timeout?: number;
}

/** Cloudflare's REST API with one token. Every failure is a `RestFailure`; no token is ever in one. */
export interface RestClient {
  /** For messages: `api.cloudflare.com`. */
  readonly host: string;
  /** For what only reads: asked again while it fails for now. */
  read(request: RestRequest, patience?: Patience): Promise<RestAnswer>;
  /** For what changes something: sent once, whatever comes back. */
  once(request: RestRequest): Promise<RestAnswer>;
}

/** For how many milliseconds a read that fails is sent again. */
export interface Patience {
  /** While there is no connection, or the service is not well: rarely over soon, and somebody waits for the answer. */
  readonly broken: number;
  /** While the database is busy, or the server asks to be left alone. */
  readonly busy: number;
}

/** What a person at a screen has, who gave the connection so many milliseconds. */
export function patienceOf(connectTimeout: number): Patience {
  return { broken: Math.min(2500, connectTimeout), busy: connectTimeout };
}

export interface RestOptions {
  /** Base of the API, without a slash at its end. */
  readonly api: string;
  readonly token: Secret;
  /** Stops waiting for reads; what changes something is never cut off by it. */
  readonly signal?: AbortSignal;
  readonly patience: Patience;
  /** Milliseconds that one answer may take, unless a request says otherwise; 60,000 unless said. */
  readonly timeout?: number;
}

/** @throws MigrateError `config` when the base or the token cannot be used */
export function restClient({
  api,
  token,
  signal,
  patience,
  timeout = answerTimeout,
}: RestOptions): RestClient {
  const host = hostOf(api);
  refuseUnprintable(token);
  const send = async (request: RestRequest, stop: AbortSignal | undefined) =>
    contentOfAnswer(await answerTo({ timeout, ...request }, { api, token, host, stop }), { host, token });
  return {
    host,
    once: (request) => send(request, undefined),
    read: (request, patient = patience) =>
      again(() => send(request, signal), { ...patient, ...(signal ? { signal } : {}) }),
  };
}

/** Repeats a read while it fails for now and the patience lasts. */
async function again<T>(
  work: () => Promise<T>,
  { signal, ...patience }: Patience & { readonly signal?: AbortSignal },
): Promise<T> {
  const begun = performance.now();
  for (let delay = 150; ; delay = Math.min(delay * 2, 5000)) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RestFailure) || error.details.lasting === 'until-fixed') throw error;
      const wait = Math.max(error.details.retryAfter ?? 0, delay * (0.75 + Math.random() / 2));
      const limit = patience[error.details.reason === 'busy' ? 'busy' : 'broken'];
      if (performance.now() - begun + wait > limit) throw error;
      await pause(wait, signal);
      signal?.throwIfAborted();
    }
  }
}

/** Longer than the 30 s that D1 gives a request, so that its own word comes first. */
const answerTimeout = 60_000;

async function answerTo(
  { method, path, body, timeout }: RestRequest & { readonly timeout: number },
  {
    api,
    token,
    host,
    stop,
  }: {
    readonly api: string;
    readonly token: Secret;
    readonly host: string;
    readonly stop: AbortSignal | undefined;
  },
): Promise<RawAnswer> {
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(`${api}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token.reveal()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: stop ? AbortSignal.any([stop, limit]) : limit,
    });
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return { status: response.status, retryAfter, body: await response.text() };
  } catch (error) {
    throw failureOfConnection(error, host);
  }
}

function hostOf(api: string): string {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))))
    return url.host;
  throw new MigrateError(
    'config',
    'The base of Cloudflare’s API is not an https: URL, so no token is sent there',
    {
      next: 'Correct CLOUDFLARE_API_BASE_URL, or remove it.',
    },
  );
}

// `fetch` would refuse such a header with the whole of it in its message.
function refuseUnprintable(token: Secret): void {
  if (/^[\x21-\x7e]+$/.test(token.reveal())) return;
  throw new MigrateError(
    'config',
    'The API token holds a space, a line break or a letter that no token has',
    {
      next: 'Set CLOUDFLARE_API_TOKEN to the token alone, without quotes or spaces around it.',
    },
  );
}
