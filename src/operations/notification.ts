import { count, duration, quantity } from '../lib/numbers.ts';
import { safe } from '../lib/safe-text.ts';
import type { Operation, RunEvent, RunEventBody, StepName, TagOf } from './events.ts';

/**
 * What is told of a run to those who did not follow it: names and figures only. A message of an error is not in it,
 * as that of a database may quote a row.
 */
export interface Notification {
  readonly schemaVersion: 1;
  /** One line for people, which webhooks of chats show. */
  readonly text: string;
  /** `interrupted`: somebody asked the run to stop before it was through. */
  readonly kind: 'started' | 'done' | 'failed' | 'interrupted';
  readonly project: string;
  readonly run: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly operation: Operation;
  readonly environment: string;
  readonly protected: boolean;
  readonly databases: readonly string[];
  readonly by: string;
  readonly host: string;
  /** The commit that was checked out. */
  readonly git?: string;
  /** `migrate-tui 1.2.3` */
  readonly tool: string;
  readonly applied?: readonly TagOf[];
  /** Migrations that were taken back, newest first. */
  readonly undone?: readonly TagOf[];
  readonly failed?: TagOf;
  readonly notBegun?: readonly TagOf[];
  /** The step that failed, with the migration where it is about one. */
  readonly step?: FailedStep;
  readonly backup?: string;
  readonly exitCode?: number;
  /** An `ErrorCode`. */
  readonly code?: string;
  /** Milliseconds. */
  readonly took?: number;
}

export interface FailedStep {
  readonly step: StepName;
  readonly database: string;
  readonly tag?: string;
  readonly statement?: number;
}

type Started = Extract<RunEvent, { kind: 'started' }>;
type Ending = Extract<RunEventBody, { kind: 'done' | 'failed' }>;

/** A run as it is told of. */
export interface ToldRun {
  readonly project: string;
  /** What it said so far. */
  readonly events: readonly RunEvent[];
  readonly at: Date;
}

/** A target is about to be changed; undefined where the run has not said what it is. */
export function notificationOfStart(run: ToldRun): Notification | undefined {
  const started = startOf(run);
  if (!started) return undefined;
  const { operation, environment } = started;
  const text = `${operation} ${environment} begins. ${runBy(started)}.`;
  return { ...inGeneral('started', text, run, started) };
}

export interface ToldEnd {
  readonly ending: Ending;
  /** `refused`: whoever began the run was told that nothing would be changed, and why. */
  readonly outcome: 'done' | 'failed' | 'interrupted' | 'refused';
  /** The newest of the run, whether it ended well or not. */
  readonly backup: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

/** How the run ended; undefined where nothing was to be done, or nobody had agreed to it. */
export function notificationOfEnd(run: ToldRun, end: ToldEnd): Notification | undefined {
  const started = startOf(run);
  if (!started) return undefined;
  const agreed = run.events.some(({ kind }) => kind === 'confirmed');
  if (end.outcome === 'refused' && !agreed) return undefined;
  const kind = end.outcome === 'refused' ? 'failed' : end.outcome;
  const { ending, backup, took } = end;
  const { exitCode, applied, undone } = ending;
  const step = failedStepOf(run);
  return {
    ...inGeneral(
      kind,
      `${sayEnd(kind, ending, { ...started, stopped: step })} ${sayRun(end, started)}`,
      run,
      started,
    ),
    applied,
    ...(undone && { undone }),
    ...(ending.kind === 'failed' && {
      ...(ending.failed && { failed: ending.failed }),
      notBegun: ending.notBegun,
      ...(step && { step }),
      code: ending.code,
    }),
    ...(backup !== undefined && { backup }),
    exitCode,
    took: Math.round(took),
  };
}

function failedStepOf({ events }: ToldRun): FailedStep | undefined {
  const failed = events.findLast((event) => event.kind === 'step-failed');
  if (!failed) return undefined;
  const { step, database, tag, statement } = failed;
  return {
    step,
    database,
    ...(tag !== undefined && { tag }),
    ...(statement !== undefined && { statement }),
  };
}

/** Of a run that has something to do, and does it to a target. */
function startOf({ events }: ToldRun): Started | undefined {
  const started = events.find((event) => event.kind === 'started');
  if (!started || started.databases.length === 0) return undefined;
  return started.operation === 'backup' || started.operation === 'dry-run' ? undefined : started;
}

function inGeneral(
  kind: Notification['kind'],
  text: string,
  { project, at }: ToldRun,
  { run, operation, environment, protected: isProtected, databases, by, host, git, version }: Started,
): Notification {
  return {
    schemaVersion: 1,
    text: forChats(`${project}: ${text}`),
    kind,
    project,
    run,
    at: at.toISOString(),
    operation,
    environment,
    protected: isProtected,
    databases,
    by,
    host,
    ...(git !== undefined && { git }),
    tool: `migrate-tui ${version}`,
  };
}

/** Chats read what stands in angle brackets as links and as calls of everybody. */
function forChats(text: string): string {
  return safe(text, { lines: 'one' }).replaceAll('<', '‹').replaceAll('>', '›');
}

function sayEnd(
  kind: Notification['kind'],
  ending: Ending,
  { operation, environment, stopped }: Started & { readonly stopped: FailedStep | undefined },
): string {
  if (ending.kind === 'done') return ending.message;
  const what = `${operation} ${environment} ${kind === 'interrupted' ? 'was interrupted' : 'failed'}`;
  return `${what}${sayWhere(ending.failed, stopped)}; ${sayLeft(ending)}.`;
}

function sayWhere(failed: TagOf | undefined, stopped: FailedStep | undefined): string {
  if (failed) {
    const statement = stopped?.tag === failed.tag ? stopped.statement : undefined;
    return ` at ${failed.tag}${sayStatement(statement)} (${failed.database})`;
  }
  if (!stopped) return '';
  const { step, database, tag, statement } = stopped;
  // A hook is of the whole environment.
  const of = database === '' ? '' : ` (${database})`;
  return ` in its ${step}${tag === undefined ? '' : ` at ${tag}${sayStatement(statement)}`}${of}`;
}

function sayStatement(number: number | undefined): string {
  return number === undefined ? '' : `, statement ${count(number)}`;
}

function sayLeft({ exitCode, applied, undone = [], notBegun }: Extract<Ending, { kind: 'failed' }>): string {
  if (exitCode !== changedInPart) return 'every target is as it was before';
  const left = [
    ...(applied.length > 0 ? [`${quantity(applied.length, 'migration')} applied`] : []),
    ...(undone.length > 0 ? [`${quantity(undone.length, 'migration')} taken back`] : []),
    ...(notBegun.length > 0 ? [`${quantity(notBegun.length, 'migration')} not begun`] : []),
  ];
  return left.length === 0 ? 'a target was changed' : left.join(', ');
}

const changedInPart = 5;

function sayRun({ ending, backup, took }: ToldEnd, started: Started): string {
  const kept = backup === undefined ? '' : `, backup ${backup}`;
  const why = ending.kind === 'done' ? '' : ` migrate-tui show ${started.run} says why.`;
  return `${runBy(started)}, ${duration(took)}${kept}.${why}`;
}

function runBy({ run, operation, by, host }: Started): string {
  return `Run ${run} (${operation}) of ${by}@${host}`;
}
