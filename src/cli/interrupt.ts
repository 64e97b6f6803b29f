import type { ExitCode } from '../lib/errors.ts';
import { stopSignalOf } from '../lib/stop-message.ts';

/** Ctrl-C, SIGTERM, a lost terminal, a message that stands for one, and a reader that went away: all ask for an end at the next boundary. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** Asks for the end as a signal would. */
  now(why: string): void;
}

export interface InterruptOptions {
  /** Told once, when the end is first asked for. */
  readonly onFirst: (why: string) => void;
  /** How the process ends when it is asked a second time within two seconds. */
  readonly secondExit: () => ExitCode;
}

/**
 * Only these handlers end the process on a signal, so that a run is closed first. A second SIGINT within
 * two seconds ends it where it stands: the database then undoes the transaction that was open.
 */
export function watchInterrupts({ onFirst, secondExit }: InterruptOptions): Interrupt {
  const controller = new AbortController();
  let first: number | undefined;
  const ask = (why: string) => {
    if (controller.signal.aborted) return;
    first = performance.now();
    onFirst(why);
    controller.abort();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    const again = signal === 'SIGINT' && first !== undefined && performance.now() - first < 2000;
    if (again) process.exit(secondExit());
    first = performance.now();
    ask(signal);
  };
  const onMessage = (message: unknown) => {
    const signal = stopSignalOf(message);
    if (signal) onSignal(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const isChannelOurs = process.listenerCount('message') === 0;
  process.on('message', onMessage);
  // Who started this process may say something at any time; that does not keep it alive.
  if (isChannelOurs) process.channel?.unref();
  return {
    signal: controller.signal,
    now: ask,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('message', onMessage);
    },
  };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
