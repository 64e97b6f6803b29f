import type { ExitCode } from '../../lib/errors.ts';
import { stopped } from '../../lib/sentences.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { MigrateErrorView } from '../client/error.ts';
import { foldRun, withEvent } from '../present/run.ts';
import { unheard, type RunView } from '../present/run-view.ts';
import type { Commands, Voice } from './conversation.ts';
import { eventSentences, progressSentence } from './sentences.ts';

/** A run that was listened to until its end. */
export interface Watched {
  readonly events: readonly RunEvent[];
  readonly view: RunView;
}

export interface WatchOptions {
  /** The events of the rehearsal that it follows. */
  readonly before: readonly RunEvent[];
  /** Steps that are to come after it, in another run. */
  readonly toCome: number;
  /** The end of a rehearsal is not the end here: its evidence and the question follow at once. */
  readonly as: 'rehearsal' | 'change';
}

/** Says what happens as it happens; during a long step a sentence every five seconds, and never one again. */
export async function watch(
  voice: Voice,
  commands: Commands,
  args: readonly string[],
  { before, toCome, as }: WatchOptions,
): Promise<Watched> {
  const events = [...before];
  let view: RunView = before.length === 0 ? unheard : { ...foldRun(before), outcome: { kind: 'running' } };
  let said = 0;
  using _ticker = commands.every5s(() => {
    const sentence = said === 0 ? progressSentence(view, commands.now(), { toCome }) : undefined;
    if (sentence !== undefined) voice.say(sentence);
    said = 0;
  });
  const error = await commands.run(args, (event) => {
    const after = withEvent(view, event);
    const silent = as === 'rehearsal' && isItsEnd(event, after);
    for (const sentence of silent ? [] : eventSentences(view, event, after, { toCome })) {
      voice.say(sentence);
      said += 1;
    }
    view = after;
    events.push(event);
  });
  if (error && view.outcome.kind === 'running') sayError(voice, error);
  return { events, view };
}

/** A way out that was only rehearsed ends because nobody agreed to it yet. */
function isItsEnd(event: RunEvent, { rehearsed }: RunView): boolean {
  return event.kind === 'done' || (event.kind === 'failed' && rehearsed !== undefined);
}

/** How a change that was watched ended. */
export function exitCodeOf({ outcome }: RunView): ExitCode {
  if (outcome.kind === 'running') return 5;
  return outcome.kind === 'done' ? 0 : asExitCode(outcome.exitCode);
}

export function asExitCode(code: number): ExitCode {
  return ([0, 1, 2, 3, 4, 5, 130] as const).find((known) => known === code) ?? 1;
}

export function sayError(voice: Voice, { message, next }: MigrateErrorView): void {
  voice.say(stopped(message));
  if (next !== undefined) voice.say(stopped(next));
}
