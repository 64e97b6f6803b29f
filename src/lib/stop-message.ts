/**
 * How a program asks a run that it started for its end where it cannot send it a signal: on Windows one ends the other
 * process where it stands (https://nodejs.org/api/process.html#signal-events).
 */
export interface StopMessage {
  readonly kind: 'stop';
  /** The signal that it stands for. */
  readonly signal: StopSignal;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What came over the channel to whoever started this process, as the signal that is meant; undefined: something else. */
export function stopSignalOf(message: unknown): StopSignal | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  if (!('kind' in message) || message.kind !== 'stop' || !('signal' in message)) return undefined;
  return message.signal === 'SIGINT' || message.signal === 'SIGTERM' ? message.signal : undefined;
}
