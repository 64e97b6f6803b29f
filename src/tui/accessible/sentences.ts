import { stopped } from '../../lib/sentences.ts';
import { duration } from '../../lib/numbers.ts';
import { clock } from '../../lib/time.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { RunView, StepView } from '../present/run-view.ts';
import { nameOf, restsOnEvidence, stepRows } from '../present/steps.ts';

/** What a new event adds to what was said before: whole sentences, each fit to be read aloud by itself. */
export function eventSentences(
  before: RunView,
  event: RunEvent,
  after: RunView,
  { toCome }: { readonly toCome: number },
): readonly string[] {
  switch (event.kind) {
    case 'step-started':
      return after.stopping === undefined || after.stopping === before.stopping
        ? []
        : [`If you stop now: ${stopped(after.stopping)}`];
    case 'step-finished':
      return finishedSentences(event, after, toCome);
    case 'step-failed':
      return [`${opening(event, after, toCome)} failed. ${stopped(event.message)}`];
    case 'confirmed':
      return [
        `${clock(event.at)}. Confirmed${event.how === 'typed' ? ', typed' : ''}${restsOnEvidence(after) ? ': files, schema and history are those of the evidence' : ''}.`,
      ];
    case 'backup-renewed':
      return [
        `${clock(event.at)}. A fresh backup, ${event.backup}, was taken because ${stopped(event.because)}`,
      ];
    case 'notice':
      return [stopped(event.message)];
    case 'done':
      return [`${clock(event.at)}. ${stopped(event.message)} Exit code 0.`];
    case 'failed':
      return [
        `${clock(event.at)}. ${stopped(event.message)}`,
        ...(event.next === undefined ? [] : [stopped(event.next)]),
        `Exit code ${event.exitCode}.`,
      ];
    default:
      return [];
  }
}

/** During a long step: what runs, for how long, and how much is left. Nothing while nothing runs. */
export function progressSentence(
  view: RunView,
  now: number,
  { toCome }: { readonly toCome: number },
): string | undefined {
  const running = view.steps.find(({ state, step }) => state === 'running' && step !== 'lock');
  if (!running) return undefined;
  const row = stepRows(view, now).find(({ sign }) => sign === 'running');
  if (!row) return undefined;
  const place = placeOf(running, view, toCome);
  return `${clock(new Date(now).toISOString())}. ${place}: ${row.time} so far, ${stopped(row.says)}`;
}

function finishedSentences(
  event: Extract<RunEvent, { kind: 'step-finished' }>,
  view: RunView,
  toCome: number,
): readonly string[] {
  if (event.step === 'lock' || event.step === 'unlock') return [];
  const several = event.step === 'migrate' && view.migrations.length > 1 ? ` ${event.tag ?? ''}` : '';
  return [
    `${opening(event, view, toCome)}${several} done in ${duration(event.took)}, ${stopped(event.says)}`,
  ];
}

/** `14:02:13 UTC. Step 1 of 4, backup:` */
function opening(
  event: { readonly at: string; readonly step: StepView['step']; readonly database: string },
  view: RunView,
  toCome: number,
): string {
  const step = view.steps.findLast((one) => one.step === event.step && one.database === event.database);
  return `${clock(event.at)}. ${step ? placeOf(step, view, toCome) : event.step}:`;
}

function placeOf(step: StepView, view: RunView, toCome: number): string {
  const counted = view.steps.filter((one) => !['lock', 'unlock', 'confirm'].includes(one.step));
  return `Step ${counted.indexOf(step) + 1} of ${counted.length + toCome}, ${nameOf(view, step)}`;
}
