import { rm } from '../lib/patient-fs.ts';
import type { ErrorCode } from '../lib/errors.ts';
import type { RunEvent, RunEventBody } from '../operations/events.ts';
import type { RunContext } from '../runs/context.ts';
import { eventsFile, logFile } from '../runs/places.ts';

/** How a run ended, as its last event says it. */
export type Ending = Extract<RunEventBody, { kind: 'done' | 'failed' }>;

/**
 * Writes down how a run ended. What was refused before it began, where a person looked at what would be done, is no
 * run: nothing of it is kept. The ledger's own failure is said, and never hides how the run ended.
 */
export async function closeRun(
  context: RunContext,
  ending: Ending,
  code: ErrorCode | undefined,
): Promise<void> {
  const { run, progress, events, ledger } = context;
  try {
    if (!hasBegun(events.all())) return await forget(context);
    await ledger.closeRun(run, {
      finishedAt: Date.now(),
      outcome: outcomeOf(ending, code, events.all()),
      exitCode: ending.exitCode,
      message: ending.message,
      ...(progress.backup === undefined ? {} : { backup: progress.backup }),
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    events.emit({ kind: 'notice', level: 'warning', message });
  } finally {
    await ledger[Symbol.asyncDispose]();
  }
}

/** Its files go while they are open: what is still written to them goes with them. */
async function forget({ run, places, ledger }: RunContext): Promise<void> {
  await ledger.forgetRun(run);
  for (const file of [eventsFile(places, run), logFile(places, run)]) await rm(file, { force: true });
}

function hasBegun(events: readonly RunEvent[]): boolean {
  return events.some(({ kind }) => kind === 'started');
}

/** What the record of runs calls such an end. */
export function outcomeOf(
  ending: Ending,
  code: ErrorCode | undefined,
  events: readonly RunEvent[],
): 'done' | 'stopped' | 'failed' | 'rehearsed' | 'refused' {
  if (ending.kind === 'done') return 'done';
  if (code === 'interrupted') return 'stopped';
  // A migration that fails in its rehearsal has failed; everything else that is refused only was not agreed to.
  if (ending.exitCode !== refused || code === 'rehearsal-failed') return 'failed';
  const isRehearsed = events.some((event) => event.kind === 'step-finished' && event.step === 'dry-run');
  return code === 'not-confirmed' && isRehearsed ? 'rehearsed' : 'refused';
}

const refused = 4;
