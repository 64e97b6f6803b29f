import { stopped } from '../../lib/sentences.ts';
import type { RunEvent } from '../../operations/events.ts';
import { isOver, type AppState, type StartedRun } from './state.ts';

/** How a run ended, for the row above the footer: what failed stays there until a key. */
export type SaidEnd = NonNullable<AppState['message']>;

/** What an event says of the end; undefined where the run goes on after it. */
export function endOf(run: StartedRun, event: RunEvent): SaidEnd | undefined {
  if (event.kind === 'done') return { level: 'info', text: sentence(run, event.message) };
  if (event.kind === 'failed') return { level: 'error', text: sentence(run, event.message) };
  return undefined;
}

/** What is said of a process that ended without a word of its own; undefined where it had the last one. */
export function silentEndOf(run: StartedRun): SaidEnd | undefined {
  if (run.events.length === 0 || isOver(run)) return undefined;
  return { level: 'error', text: sentence(run, 'its process was ended; w shows what it left') };
}

/** `Run 2, resync of local: the copy of production was stopped.` */
function sentence({ events }: StartedRun, says: string): string {
  const [first] = events;
  const started = first?.kind === 'started' ? `, ${first.operation} of ${first.environment}` : '';
  return `Run ${first?.run ?? ''}${started}: ${stopped(says)}`;
}
