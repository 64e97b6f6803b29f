import { leaseDuration } from '../bookkeeping/lease.ts';
import type { Engine } from '../engines/engine.ts';
import type { HeldLock } from './lock.ts';

/** A lease that is given more time again and again, while another program works under it. */
export interface KeptLease extends AsyncDisposable {
  /** Aborted when somebody else has taken the lease over. */
  readonly lost: AbortSignal;
}

/** @param every milliseconds between two signs of life */
export function keepLease(
  engine: Pick<Engine, 'unit'>,
  lock: HeldLock,
  { every = leaseDuration / 3 }: { readonly every?: number } = {},
): KeptLease {
  const lost = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(() => renew(engine, lock, lost));
  }, every);
  return {
    lost: lost.signal,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await renewing;
    },
  };
}

/** A database that is busy, or a lost connection, is asked again the next time; only another holder ends it. */
async function renew(engine: Pick<Engine, 'unit'>, lock: HeldLock, lost: AbortController): Promise<void> {
  // A run that was asked to stop holds the lease until it gives it back.
  const { signal } = new AbortController();
  const statements = lock.fence(null).map((statement) => ({ ...statement, role: 'guard' as const }));
  const outcome = await engine.unit({ foreignKeys: 'on', statements }, { signal });
  if (outcome.kind === 'guarded') lost.abort();
}
