import type { ExitCode } from '../../lib/errors.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { Signs } from '../../lib/signs.ts';
import { isRehearsal } from '../present/rehearsal.ts';
import { summary } from '../present/summary.ts';
import type { AppState, StartedRun } from './state.ts';

/** What stays on the main screen when the screen is left, and the exit code that goes with it. */
export function afterwards(
  { context, runs }: AppState,
  signs: Signs,
): { readonly text: string; readonly exitCode: ExitCode } {
  const exitCode = runs.findLast(changes)?.events.flatMap(codeOf).at(-1) ?? 0;
  const text = summary({ runs: ways(runs), context, exitCode }, signs);
  return { text, exitCode };
}

/** The ways that were gone: a rehearsal and the change that it led to are one, with the backup of the first. */
function ways(runs: readonly StartedRun[]): readonly (readonly RunEvent[])[] {
  const open = new Map<string | undefined, readonly RunEvent[]>();
  const done: (readonly RunEvent[])[] = [];
  for (const run of runs) {
    const environment = environmentOf(run);
    if (!changes(run)) open.set(environment, run.events);
    else {
      done.push([...(open.get(environment) ?? []), ...run.events]);
      open.delete(environment);
    }
  }
  return [...done, ...open.values()];
}

function environmentOf({ events }: StartedRun): string | undefined {
  return events.find((event) => event.kind === 'started')?.environment;
}

function changes({ events }: StartedRun): boolean {
  return events.some(({ kind }) => kind === 'started') && !isRehearsal(events);
}

function codeOf(event: StartedRun['events'][number]): readonly ExitCode[] {
  return event.kind === 'done' || event.kind === 'failed' ? [event.exitCode] : [];
}
