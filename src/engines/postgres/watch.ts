import type { Beside, Holder } from './session.ts';

/** A statement in progress, looked at from a second connection. */
export interface Watched {
  /** Ends the looking. Gives who was last seen in the way. */
  end(): Promise<readonly Holder[]>;
}

/**
 * Looks again and again who blocks a statement, as nobody can say so any more once it has given up; and cancels it
 * when the signal comes. A lock that is waited for until the timeout is met by at least one look.
 *
 * @param lockTimeout milliseconds
 */
export function watchedFor(
  beside: Beside | undefined,
  {
    signal,
    lockTimeout,
    onSeen,
  }: {
    readonly signal: AbortSignal | undefined;
    readonly lockTimeout: number;
    /** Called with who was seen in the way. */
    readonly onSeen?: (holders: readonly Holder[]) => void;
  },
): Watched {
  if (!beside) return { end: () => Promise.resolve([]) };
  let holders: readonly Holder[] = [];
  let looking = Promise.resolve();
  let cancelling: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const lookLater = () => {
    timer = setTimeout(() => {
      looking = look();
    }, lockTimeout / 2);
  };
  const look = async () => {
    const seen = await beside.blockers();
    if (seen.length > 0) {
      holders = seen;
      onSeen?.(seen);
    }
    if (timer) lookLater();
  };
  const cancel = () => {
    cancelling = beside.cancel();
  };
  lookLater();
  signal?.addEventListener('abort', cancel, { once: true });
  return {
    async end() {
      clearTimeout(timer);
      timer = undefined;
      signal?.removeEventListener('abort', cancel);
      // A cancel on its way would meet whatever is sent next.
      await Promise.all([looking, cancelling]);
      return holders;
    },
  };
}
