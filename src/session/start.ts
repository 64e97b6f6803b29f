import { randomBytes } from 'node:crypto';
import type { Ledger } from '../ledger/ledger.ts';
import { MigrateError, type ErrorCode } from '../lib/errors.ts';
import { stopped } from '../lib/sentences.ts';
import { operationOf, type Change } from '../operations/change.ts';
import { changeCommand } from '../operations/change-command.ts';
import type { Environment } from '../project/project.ts';
import { sweepBackups } from '../runs/backups/sweep.ts';
import { interrupted, type RunContext, type RunDatabase, type Who } from '../runs/context.ts';
import { openEventLog } from '../runs/event-log.ts';
import { failedEvent, releaseAll, undoneIn } from '../runs/execute.ts';
import { logFile } from '../runs/places.ts';
import { makeRunKey } from '../runs/lock/run-key.ts';
import { sweepScratch } from '../runs/replay/scratch.ts';
import { carryOut } from './carry-out.ts';
import { refuseFromHere } from './prepare/changed-elsewhere.ts';
import type { Carried } from './carry/ground.ts';
import { closeRun, outcomeOf, type Ending } from './close-run.ts';
import { dispose, type Prepared } from './prepare/prepare.ts';
import { prepareChange } from './prepare/change.ts';
import { asKnown } from './refusal.ts';
import { refuseUnencryptable } from './prepare/refuse-unencryptable.ts';
import type { Telling } from './telling.ts';
import type { Run, StartOptions } from './types.ts';
import { withWayOut } from './unfinished/way-out.ts';
import type { Workspace } from './workspace.ts';

/**
 * Reads the targets, refuses what cannot be done, opens the run in the ledger and lets it go on by itself.
 *
 * @throws MigrateError before there is a run: nothing was changed anywhere
 */
export async function startChange(workspace: Workspace, change: Change, options: StartOptions): Promise<Run> {
  const environment = workspace.environment(change.environment);
  refuseReadOnly(environment, change);
  refuseFromHere(environment, change, workspace.options.env);
  refuseUnencryptable(workspace, environment, change);
  const prepared = await prepareChange(workspace, environment, change, options.signal).catch(
    (error: unknown) => {
      throw asKnown(error);
    },
  );
  try {
    const ledger = await workspace.openLedger('write');
    const who = await workspace.who();
    const id = await openRun(ledger, environment, change, prepared, who);
    const events = openEventLog(workspace.places, id.run);
    workspace.trace.keepIn(logFile(workspace.places, id.run));
    const context = contextOf(workspace, change, prepared, {
      ...id,
      who,
      environment,
      signal: options.signal,
      events,
      ledger,
    });
    const finished = runToEnd(workspace, change, prepared, context, options);
    return { id: id.run, events: () => events.read(), finished };
  } catch (error) {
    await dispose(prepared);
    throw asKnown(error);
  }
}

/** What a run knows and holds before its first step. */
function contextOf(
  { places, backupKeys, options, project }: Workspace,
  change: Change,
  prepared: readonly Prepared[],
  own: Pick<RunContext, 'run' | 'key' | 'who' | 'environment' | 'signal' | 'events' | 'ledger'>,
): RunContext {
  return {
    ...own,
    places,
    keepDays: project.backups.keepDays,
    backupKeys,
    projectRoot: project.root,
    again: againOf(change),
    showValues: options.showValues,
    maskKey: randomBytes(32).toString('hex'),
    databases: new Map(prepared.map(({ run }): [string, RunDatabase] => [run.database.name, run])),
    progress: {
      backup: undefined,
      applied: [],
      undone: [],
      restored: undefined,
      emptied: [],
      copied: [],
      pushed: [],
      failed: undefined,
      current: undefined,
    },
  };
}

async function runToEnd(
  workspace: Workspace,
  change: Change,
  prepared: readonly Prepared[],
  context: RunContext,
  options: StartOptions,
): Promise<Awaited<Run['finished']>> {
  const { events } = context;
  const startedAt = performance.now();
  // Started by now means nothing else of this function runs before the caller holds the run.
  await Promise.resolve();
  let ending: Ending;
  let code: ErrorCode | undefined;
  const telling = await tellingOf(workspace, context);
  try {
    await sweep(context);
    const carried = await carryOut(workspace, change, prepared, context, options);
    ending = doneEvent(carried, context, performance.now() - startedAt);
  } catch (thrown) {
    const error = await withWayOut(
      asKnown(asStopped(thrown, context)),
      // What that rewrites is the migration, not its rollback file.
      change.kind === 'rollback' ? [] : prepared.filter(({ selected }) => selected.length > 0),
      context.environment.name,
    );
    emitStepFailure(error, context);
    ending = failedEvent(error, context, hashIn(error));
    if (error instanceof MigrateError) code = error.code;
  }
  await releaseAll(context);
  await closeRun(context, ending, code);
  await telling?.ended({
    ending,
    outcome: toldAs[outcomeOf(ending, code, events.all())],
    backup: context.progress.backup,
    took: performance.now() - startedAt,
  });
  workspace.trace.close();
  const last = events.emit(ending);
  events.close();
  if (last.kind !== 'done' && last.kind !== 'failed') throw new Error('A run ends with done or failed.');
  return last;
}

/** The last event of a run that ended well. */
function doneEvent({ message, next }: Carried, { progress }: RunContext, took: number): Ending {
  const { applied, backup } = progress;
  return {
    kind: 'done',
    exitCode: 0,
    message,
    ...(next === undefined ? {} : { next }),
    applied,
    ...undoneIn(progress),
    took,
    ...(backup === undefined ? {} : { backup }),
  };
}

/** Undefined where nobody is told of runs, as in most projects. */
async function tellingOf(workspace: Workspace, context: RunContext): Promise<Telling | undefined> {
  if (workspace.project.notify.length === 0) return undefined;
  return (await import('./telling.ts')).telling(workspace, context);
}

const toldAs = {
  done: 'done',
  failed: 'failed',
  stopped: 'interrupted',
  refused: 'refused',
  rehearsed: 'refused',
} as const;

/** Old backups and what dead runs left go at the start of every change. */
async function sweep({ places, keepDays }: RunContext): Promise<void> {
  await sweepScratch(places.scratch);
  await sweepBackups(places.backups, { keepDays, now: new Date() });
}

/** A read that is cut off by the run's own signal gives up with that signal's error: it is no failure of the read. */
function asStopped(thrown: unknown, { signal }: RunContext): unknown {
  const isAbort = thrown instanceof Error && thrown.name === 'AbortError';
  return signal.aborted && isAbort ? interrupted('between two steps') : thrown;
}

function emitStepFailure(error: unknown, { events, progress }: RunContext): void {
  const { current } = progress;
  if (!current) return;
  events.emit({
    kind: 'step-failed',
    ...current.step,
    ...current.stoppedAt,
    code: error instanceof MigrateError ? error.code : 'bug',
    message: stopped(error instanceof Error ? error.message : String(error)),
    took: performance.now() - current.startedAt,
  });
}

/** What failed is tried again as it was begun; what a reset has emptied is not emptied a second time. */
function againOf(change: Change): string {
  if (change.kind !== 'reset') return changeCommand(change);
  const { environment, databases } = change;
  const selection = { databases, to: undefined, only: undefined, order: 'in-order' } as const;
  return changeCommand({ kind: 'deploy', environment, selection });
}

async function openRun(
  ledger: Ledger,
  environment: Environment,
  change: Change,
  prepared: readonly Prepared[],
  who: Who,
): Promise<{ readonly run: number; readonly key: string }> {
  const provisional = makeRunKey(0);
  const run = await ledger.openRun({
    key: provisional,
    operation: operationOf(change),
    environment: environment.name,
    databases: JSON.stringify(prepared.map(({ run }) => run.database.name)),
    by: who.by,
    host: who.host,
    pid: process.pid,
    version: who.version,
    git: who.git ?? null,
    startedAt: Date.now(),
  });
  return { run, key: [run, ...provisional.split('.').slice(1)].join('.') };
}

function refuseReadOnly({ name, readOnly }: Environment, { kind }: Change): void {
  if (!readOnly || kind === 'backup' || kind === 'dry-run') return;
  throw new MigrateError(
    'protected',
    `${name} is read-only by the config (environments.${name}.readOnly). Nothing was changed.`,
    {
      next: 'It can be looked at, backed up and rehearsed; whoever may write to it removes that key.',
    },
  );
}

/** A refusal for want of consent carries the hash that would be accepted. */
function hashIn(error: unknown): string | undefined {
  return error instanceof Error && 'hash' in error && typeof error.hash === 'string' ? error.hash : undefined;
}
