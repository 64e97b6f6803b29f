import type { ExitCode } from '../lib/errors.ts';
import { count, duration, quantity } from '../lib/numbers.ts';
import type { RunEvent } from '../operations/events.ts';
import { shown, type Output } from './output/output.ts';
import { eventText, stepName } from './text/events.ts';
import { resultText } from './text/result.ts';

/** Prints a run's events as they come: NDJSON on stdout, or a line a step on stderr and the result on stdout. */
export interface Follower {
  tell(event: RunEvent): void;
  /** What stopping would do at this moment, as the run last said. */
  readonly stopping: string | undefined;
  /** Whether a target may already differ from before the run. */
  readonly touched: 'untouched' | 'maybe-touched';
  /** The exit status of the run, once its last event was told; 5 for one that ended without saying so. */
  exitCode(): ExitCode;
}

export function follower(output: Output): Follower {
  const events: RunEvent[] = [];
  const slow = slowSteps(output);
  let stopping: string | undefined;
  let touched: Follower['touched'] = 'untouched';
  let exitCode: ExitCode = 5;
  return {
    tell: (told) => {
      const event = output.shownHere(told);
      output.event(event);
      if (event.kind === 'step-started') {
        stopping = event.stopping;
        if (writing.has(event.step)) touched = 'maybe-touched';
      }
      if (event.kind === 'done' || event.kind === 'failed') exitCode = event.exitCode;
      if (output.format === 'json') return;
      if (event.kind !== 'statement' && event.kind !== 'progress') events.push(event);
      const lines = eventText(event, output.sideStyle);
      if (lines.length > 0) output.say(lines);
      slow(event);
      if (event.kind === 'done') output.answer(resultText(event, events, output.style));
      if (event.kind === 'failed') output.say(resultText(event, events, output.sideStyle));
    },
    get stopping() {
      return stopping;
    },
    get touched() {
      return touched;
    },
    exitCode: () => exitCode,
  };
}

/** During a long step one line every five seconds: never a redraw, so that a log stays readable. */
function slowSteps(output: Output): (event: RunEvent) => void {
  let begun = 0;
  let said = 0;
  return (event) => {
    const at = Date.parse(event.at);
    if (event.kind === 'step-started') {
      begun = at;
      said = at;
    }
    if ((event.kind !== 'statement' && event.kind !== 'progress') || at - said < 5000) return;
    said = at;
    const where =
      event.kind === 'statement'
        ? `statement ${count(event.number)} of ${count(event.of)}`
        : `${shown(event.what)} ${quantity(event.done, event.unit.replace(/s$/, ''))}`;
    output.say(
      `${output.sideStyle.signs.running} ${stepName(event)}  ${duration(at - begun)} so far, ${where}`,
    );
  };
}

/** Steps that may have changed a target once they are begun. */
const writing: ReadonlySet<string> = new Set(['migrate', 'restore', 'push', 'copy']);
