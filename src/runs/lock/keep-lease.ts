import { leaseDuration } from '../../bookkeeping/lease.ts';
import type { Engine } from '../../engines/engine.ts';
import type { HeldLock } from './lock.ts';

/** A lease that is given more time again and again, while another program works under it. */
export interface KeptLease extends AsyncDisposable {
  /** Aborted when somebody else has taken the lease over. */
  readonly lost: AbortSignal;
}

/**
 * The first sign of life is given at once, and awaited.
 *
 * @param tag what stands in the lease meanwhile, for whoever meets it
 * @param every milliseconds between two signs of life
 */
export async function keepLease(
  engine: Pick<Engine, 'unit'>,
  lock: HeldLock,
  { tag, every = leaseDuration / 3 }: { readonly tag: string; readonly every?: number },
): Promise<KeptLease> {
  const lost = new AbortController();
  let renewing = renew(engine, lock, { tag, lost });
  await renewing;
  const timer = setInterval(() => {
    renewing = renewing.then(() => renew(engine, lock, { tag, lost }));
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
async function renew(
  engine: Pick<Engine, 'unit'>,
  lock: HeldLock,
  { tag, lost }: { readonly tag: string; readonly lost: AbortController },
): Promise<void> {
  // A run that was asked to stop holds the lease until it gives it back.
  const { signal } = new AbortController();
  const statements = lock.fence(tag).map((statement) => ({ ...statement, role: 'guard' as const }));
  const outcome = await engine.unit({ foreignKeys: 'on', statements }, { signal });
  if (outcome.kind === 'guarded') lost.abort();
}
