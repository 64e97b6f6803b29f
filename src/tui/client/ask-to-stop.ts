import type { ChildProcess, StdioOptions } from 'node:child_process';
import type { StopMessage, StopSignal } from '../../lib/stop-message.ts';

/** Asks a run for its end, as the signal would; nothing happens to one that ended meanwhile. */
export function askToStop(child: ChildProcess, signal: StopSignal): void {
  if (!child.channel) {
    child.kill(signal);
    return;
  }
  // A run that ends in this very moment takes no message, and its last event says how it ended.
  child.send({ kind: 'stop', signal } satisfies StopMessage, () => undefined);
}

/** What a run writes to, and on Windows the channel by which it can be asked to stop. */
export function stdioOf(out: number, err: number): StdioOptions {
  return process.platform === 'win32' ? ['ignore', out, err, 'ipc'] : ['ignore', out, err];
}
