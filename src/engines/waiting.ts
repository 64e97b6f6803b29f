import { setTimeout as wait } from 'node:timers/promises';
import { aboutToBeHeldUp } from '../lib/held-up.ts';

/** Waits, or stops waiting at once when the signal comes: it returns either way, and never throws. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}

/**
 * Lets signals and timers have their turn, and whoever was told of something pass it on. The engines on this machine
 * are synchronous: what has not left the process by now waits until the statement is done.
 */
export async function othersTurn(): Promise<void> {
  // What was told goes on in promises, which are over when the turn ends; what is written then may leave in the next.
  await endOfTurn();
  aboutToBeHeldUp();
  await endOfTurn();
}

/** The same every few milliseconds, for many short pieces of work. */
export async function breathe(): Promise<void> {
  const now = performance.now();
  if (now - breathed < longestBreath) return;
  await endOfTurn();
  breathed = performance.now();
}

/** Milliseconds. */
const longestBreath = 3;
let breathed = 0;

export type Attempt<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'busy'; readonly cause: unknown };

/**
 * Repeats something while it fails because another process has the database. The engine's own waiting would
 * hold up the event loop, and with it signals and progress.
 *
 * @param timeout milliseconds
 */
export async function whileBusy<T>(
  attempt: () => Promise<T>,
  {
    isBusy,
    timeout,
    signal,
  }: {
    readonly isBusy: (error: unknown) => boolean;
    readonly timeout: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Attempt<T>> {
  const until = performance.now() + timeout;
  for (let delay = 2; ; delay = Math.min(delay * 2, 50)) {
    if (signal?.aborted) return { kind: 'stopped' };
    try {
      return { kind: 'ok', value: await attempt() };
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= until) return { kind: 'busy', cause: error };
    }
    await pause(delay, signal);
  }
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
