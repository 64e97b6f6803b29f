import { setTimeout } from 'node:timers/promises';
import type { Secret } from '../../lib/secret.ts';

/** How it went to tell somebody; `says` is a clause without anything secret. */
export type Told = { readonly kind: 'told' } | { readonly kind: 'failed'; readonly says: string };

/**
 * Sends one JSON document to a webhook, and once more where nothing took the connection. Follows no redirect: it would
 * lead to an address that nobody configured. Never throws.
 *
 * @param options milliseconds that all of it may take
 */
export async function post(
  url: Secret,
  document: object,
  { limit }: { readonly limit: number },
): Promise<Told> {
  const signal = AbortSignal.timeout(limit);
  const send = async (): Promise<Told> => {
    const answer = await fetch(url.reveal(), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(document),
      signal,
    });
    // An answer may be long, or never end; its status says all that is of use.
    await answer.body?.cancel();
    return answer.ok ? { kind: 'told' } : { kind: 'failed', says: `it answered ${answer.status}` };
  };
  try {
    return await send().catch(async (error: unknown) => {
      if (reasonOf(error) !== 'ECONNREFUSED') throw error;
      await setTimeout(pauseBeforeAgain, undefined, { signal });
      return send();
    });
  } catch (error) {
    if (signal.aborted) return { kind: 'failed', says: `it did not answer within ${limit / 1000} s` };
    return { kind: 'failed', says: sayFailure(reasonOf(error)) };
  }
}

const pauseBeforeAgain = 300;

/** The code alone: a message of `fetch` may hold the whole address. */
function reasonOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

function sayFailure(code: string | undefined): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'it refused the connection';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name was not found';
    case undefined:
      return 'there was no connection';
    default:
      return `there was no connection (${code})`;
  }
}
