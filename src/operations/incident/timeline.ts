import { code, prose, table } from '../../lib/markdown.ts';
import { count, duration, quantity } from '../../lib/numbers.ts';
import { dateAndSecond } from '../../lib/time.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { RunEvent } from '../events.ts';
import type { ConfirmedRun, RunReport } from '../reports.ts';
import type { Incident } from './incident.ts';
import { said } from './said.ts';

/** What happened when, from the event logs of the runs and the ledger, one row each. */
export function timeline(incident: Incident): readonly string[] {
  const { run, later } = incident;
  const runs = run ? [run, ...later] : later;
  if (runs.length === 0) return ['No run that is known here belongs to it: when it happened is not known.'];
  return table(
    ['time (UTC)', 'run', 'took', 'what'],
    runs.flatMap((one) => rowsOf(one, incident)),
  );
}

/** What a step is called for people: `apply of 0014_orders_due_date in app`. */
export function stepName({ step, database, tag }: Step): string {
  const word = step === 'migrate' ? 'apply' : step;
  // A hook is of the whole environment.
  if (database === '') return word;
  return tag === undefined ? `${word} of ${code(database)}` : `${word} of ${code(tag)} in ${code(database)}`;
}

/** How somebody agreed, in words. */
export function sayConfirmed({ by, how, hash, accepted = [], reason }: Omit<ConfirmedRun, 'at'>): string {
  if (how === 'not-needed') return 'no consent was needed';
  return [
    `by ${prose(by)}, ${how === 'typed' ? 'typed after the evidence was shown' : 'with flags'}, hash ${code(hash)}`,
    ...(accepted.length === 0 ? [] : [`accepted ${accepted.map(code).join(', ')}`]),
    ...(reason === undefined ? [] : [`because: ${prose(reason)}`]),
  ].join('; ');
}

/** `, resume`: the way out that a run carried out, where its operation does not say it already. */
export function choiceIn(events: readonly RunEvent[]): string {
  const started = events.find((event) => event.kind === 'started');
  const isSaid = started?.choice === undefined || started.choice === started.operation;
  return isSaid ? '' : `, ${code(started.choice)}`;
}

interface Step {
  readonly step: string;
  readonly database: string;
  readonly tag?: string;
}

type Row = readonly string[];

function rowsOf({ summary, events }: RunReport, incident: Incident): readonly Row[] {
  const number = String(summary.run);
  const rows = events.flatMap((event, index): readonly Row[] => {
    const what = sayEvent(event, {
      following: events.slice(index + 1),
      incident,
    });
    return what === undefined
      ? []
      : [[dateAndSecond(event.at), number, 'took' in event ? tookOf(event) : '', what]];
  });
  const begun: Row = [
    dateAndSecond(summary.startedAt),
    number,
    '',
    `${summary.operation} of ${code(summary.environment)} begun`,
  ];
  return [...(events[0]?.kind === 'started' ? [] : [begun]), ...rows, ...ending({ summary, events })];
}

interface Around {
  readonly following: readonly RunEvent[];
  readonly incident: Incident;
}

/** @returns undefined for what another row says */
function sayEvent(event: RunEvent, { following, incident }: Around): string | undefined {
  switch (event.kind) {
    case 'started':
      return sayStarted(event);
    case 'step-started':
      return sayUnended(event, following);
    case 'step-finished':
      return `${stepName(event)}: ${said(event.says, incident)}`;
    case 'step-failed':
      return `**Failed**: ${stepName(event)}, see the errors below`;
    case 'confirmed':
      return event.how === 'not-needed' ? 'No consent was needed' : `Confirmed ${sayConfirmed(event)}`;
    case 'backup-renewed':
      return `Fresh backup ${code(event.backup)} of ${code(event.database)}: ${said(event.because, incident)}`;
    case 'notice':
      return said(event.message, incident);
    case 'rehearsed':
      return `Rehearsed: evidence ${code(event.hash)}${event.losses.length === 0 ? '' : `, ${quantity(event.losses.length, 'loss', 'losses')}`}`;
    case 'done':
      return `Done: ${said(event.message, incident)}`;
    case 'failed':
      return sayFailed(event);
    case 'statement':
    case 'progress':
    case 'review':
      return undefined;
    default:
      return unreachable(event);
  }
}

function sayStarted(event: Extract<RunEvent, { kind: 'started' }>): string {
  const where = event.databases.map(code).join(', ');
  return `${event.operation}${choiceIn([event])} of ${code(event.environment)} begun${where === '' ? '' : `, database ${where}`}, by ${prose(`${event.by}@${event.host}`)}`;
}

/** Only a step that has no end in the log is worth a row of its own. */
function sayUnended(
  begun: Extract<RunEvent, { kind: 'step-started' }>,
  following: readonly RunEvent[],
): string | undefined {
  const ends = following.some(
    (event) =>
      (event.kind === 'step-finished' || event.kind === 'step-failed') &&
      event.step === begun.step &&
      event.database === begun.database,
  );
  if (ends) return undefined;
  const last = following.findLast((event) => event.kind === 'statement');
  const reached =
    last === undefined
      ? ''
      : `; the last statement that began was ${count(last.number)} of ${count(last.of)}`;
  return `${stepName(begun)} begun, and its end is not in the log${reached}`;
}

function sayFailed({ exitCode, code: name }: Extract<RunEvent, { kind: 'failed' }>): string {
  return `**Ended** with ${code(name)}, exit ${exitCode}`;
}

function tookOf({ took }: { readonly took?: number }): string {
  return took === undefined ? '' : duration(took);
}

/** What the log of a run does not say itself: that it was cut off, or has not ended yet. */
function ending({ summary, events }: Pick<RunReport, 'summary' | 'events'>): readonly Row[] {
  const last = events.at(-1);
  const number = String(summary.run);
  if (last?.kind === 'done' || last?.kind === 'failed') return [];
  switch (summary.outcome) {
    case 'running':
      return [['', number, '', 'Not ended when this report was made']];
    case 'cut-off':
      return [['', number, '', '**Cut off**: its process ended without closing the run']];
    default: {
      const at = summary.finishedAt === undefined ? '' : dateAndSecond(summary.finishedAt);
      return [[at, number, '', `Ended: ${summary.outcome}, by the ledger`]];
    }
  }
}
