import type { ExitCode } from '../../lib/errors.ts';
import type { Signs } from '../../lib/signs.ts';
import { summary } from '../present/summary.ts';
import type { AppState, StartedRun } from './state.ts';

/** What stays on the main screen when the screen is left, and the exit code that goes with it. */
export function afterwards(
  { context, runs }: AppState,
  signs: Signs,
): { readonly text: string; readonly exitCode: ExitCode } {
  const exitCode = runs.findLast(changes)?.events.flatMap(codeOf).at(-1) ?? 0;
  const text = summary({ runs: runs.map(({ events }) => events), context, exitCode }, signs);
  return { text, exitCode };
}

function changes({ events }: StartedRun): boolean {
  return events.some((event) => event.kind === 'started' && event.operation !== 'dry-run');
}

function codeOf(event: StartedRun['events'][number]): readonly ExitCode[] {
  return event.kind === 'done' || event.kind === 'failed' ? [event.exitCode] : [];
}
