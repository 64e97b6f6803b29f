/**
 * What must have left the process before something synchronous holds it up: the engines on this machine run a
 * statement of minutes in one call, and nothing is written, and no timer fires, until it returns.
 */
export function beforeHeldUp(work: () => void): void {
  waiting.add(work);
}

/** Does it: called right before such a call. */
export function aboutToBeHeldUp(): void {
  for (const work of waiting) work();
}

const waiting = new Set<() => void>();
