import { rm } from '../lib/patient-fs.ts';
import { MigrateError, runAgain, type ExitCode } from '../lib/errors.ts';
import { stopped } from '../lib/sentences.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { RunEvent, TagOf } from '../operations/events.ts';
import type { Plan, Step } from '../operations/plan/step.ts';
import { markProven } from './backups/backups.ts';
import { beginStep, databaseOf, finishStep, type RunContext } from './context.ts';
import { performBackup } from './perform/backup.ts';
import { performVerify, proveUnchanged } from './perform/check.ts';
import { performCopy } from './perform/copy.ts';
import { performCorrect } from './perform/correct.ts';
import { performEmpty } from './perform/empty.ts';
import { performExecute } from './perform/execute.ts';
import { performHook } from './perform/hook.ts';
import { performPush } from './perform/push.ts';
import { performRelease, performTake } from './perform/lock.ts';
import { describeEvidence } from './describe-evidence.ts';
import { measureAfter, measureBefore } from './perform/measure-rehearsal.ts';
import { rehearseMigration } from './perform/rehearse.ts';
import { restoreTables } from './perform/restore-tables.ts';
import { restoreIntoScratch } from './perform/restore-scratch.ts';
import { restoreIntoTarget } from './perform/restore.ts';
import { rehearsalOf } from './rehearsal-of.ts';
import { scratchFolder } from './replay/scratch.ts';

/** Carries out a plan step by step; throws where it cannot go on, with everything that was taken still held. */
export async function executePlan(plan: Plan, context: RunContext): Promise<void> {
  for (const step of plan.steps) await perform(step, context);
}

/** Gives back what a run holds: locks, scratch databases, connections. On every way out, so it never throws. */
export async function releaseAll(context: RunContext): Promise<void> {
  for (const [name, database] of context.databases) {
    await performRelease(name, context);
    await orNotice(context, () => database.scratch?.engine[Symbol.asyncDispose]());
    await orNotice(context, () => database.engine?.[Symbol.asyncDispose]());
  }
  const folder = scratchFolder(context.places.scratch, context.run);
  await orNotice(context, () => rm(folder, { recursive: true, force: true }));
}

/** What cannot be put away is said and holds nothing else up; the next run sweeps it. */
async function orNotice({ events }: RunContext, putAway: () => PromiseLike<void> | undefined): Promise<void> {
  try {
    await putAway();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    events.emit({ kind: 'notice', level: 'warning', message: `Not everything could be put away: ${why}.` });
  }
}

export type LastEvent = Extract<RunEvent, { kind: 'done' | 'failed' }>;

/** The last event of a run that ended with an error: what was applied, what failed, what was not begun, what next. */
export function failedEvent(
  error: unknown,
  context: Pick<RunContext, 'progress' | 'databases' | 'environment'>,
  hash: string | undefined,
): Omit<Extract<LastEvent, { kind: 'failed' }>, 'schemaVersion' | 'run' | 'at'> {
  const { applied, undone, failed, restored, emptied, copied, pushed } = context.progress;
  const expected = error instanceof MigrateError ? error : undefined;
  const changed =
    [applied, undone, emptied, copied, pushed].some(({ length }) => length > 0) || restored !== undefined;
  const what = expected?.message ?? `This is a defect of migrate-tui: ${String(error)}`;
  return {
    kind: 'failed',
    exitCode: exitCodeOf(expected, changed),
    code: changed && expected?.code !== 'verify-differs' ? 'stopped-part-way' : (expected?.code ?? 'bug'),
    message: stopped(`${before({ restored, emptied, copied })}${what}`),
    next: nextOf(expected, context),
    applied,
    ...undoneIn(context.progress),
    failed,
    notBegun: notBegun(context),
    ...(hash === undefined ? {} : { hash }),
  };
}

/** For the last event of a run: the migrations that it took back, where there are any. */
export function undoneIn({ undone }: Pick<RunContext['progress'], 'undone'>): {
  readonly undone?: readonly TagOf[];
} {
  return undone.length === 0 ? {} : { undone };
}

/** What cannot be seen from the migrations that were applied. */
function before({
  restored,
  emptied,
  copied,
}: Pick<RunContext['progress'], 'restored' | 'emptied' | 'copied'>): string {
  if (copied.length > 0) return `${copied.join(', ')} was replaced, and then: `;
  if (restored !== undefined) return `${restored} is back, and then: `;
  return emptied.length > 0 ? `${emptied.join(', ')} was emptied, and then: ` : '';
}

function nextOf(
  expected: MigrateError | undefined,
  context: Pick<RunContext, 'progress' | 'environment'>,
): string | undefined {
  const back = wayBack(context);
  if (back === undefined) return expected?.next;
  // What was emptied or replaced is so once more when the command runs again.
  const further = expected?.next === runAgain ? 'The same command does it anew.' : expected?.next;
  return further === undefined ? back : `${back} ${further}`;
}

/** Where rows are gone that nothing but a backup has. */
function wayBack({
  progress: { backup, emptied, copied },
  environment,
}: Pick<RunContext, 'progress' | 'environment'>): string | undefined {
  const [database, ...others] = [...emptied, ...copied];
  if (backup === undefined || database === undefined) return undefined;
  const which = environment.targets.length > 1 ? ` --database ${database}` : '';
  const each = others.length > 0 ? ', and the same for each of the others,' : '';
  return `migrate-tui restore ${environment.name} ${backup}${which}${each} brings back what was there.`;
}

function exitCodeOf(error: MigrateError | undefined, changed: boolean): Exclude<ExitCode, 0> {
  return changed ? 5 : (error?.exitCode ?? 1);
}

function notBegun({ databases, progress }: Pick<RunContext, 'databases' | 'progress'>): readonly TagOf[] {
  const begun = new Set(
    [...progress.applied, ...progress.undone, ...(progress.failed ? [progress.failed] : [])].map(keyOf),
  );
  return [...databases].flatMap(([database, { selected }]) =>
    selected.map(({ tag }) => ({ database, tag })).filter((tag) => !begun.has(keyOf(tag))),
  );
}

const keyOf = ({ database, tag }: TagOf) => JSON.stringify([database, tag]);

async function perform(step: Step, context: RunContext): Promise<void> {
  switch (step.kind) {
    case 'lock':
      return step.do === 'take' ? performTake(step, context) : performRelease(step.database, context);
    case 'backup':
      return performBackup(step, context);
    case 'restore':
      return step.into === 'scratch'
        ? beginRehearsal(step.database, context)
        : restoreIntoTarget(step, context);
    case 'restore-tables':
      return restoreTables(step, context);
    case 'execute':
      return step.on === 'scratch' ? rehearseMigration(step, context) : performExecute(step, context);
    case 'correct':
      return performCorrect(step, context);
    case 'empty':
      return performEmpty(step, context);
    case 'push':
      return performPush(step, context);
    case 'copy':
      return performCopy(step, context);
    case 'check':
      return performCheck(step, context);
    case 'hook':
      return performHook(step, context);
    default:
      return unreachable(step);
  }
}

async function performCheck(step: Extract<Step, { kind: 'check' }>, context: RunContext): Promise<void> {
  switch (step.check) {
    case 'rows-before':
      return measureBefore(step, context);
    case 'rows-after':
      return finishRehearsal(step, context);
    case 'unchanged':
      return proveUnchanged(step, context);
    case 'verify':
      return performVerify(step, context);
    default:
      return unreachable(step.check);
  }
}

/** People see one step from the restore to the last measurement. */
async function beginRehearsal(database: string, context: RunContext): Promise<void> {
  const { selected, target } = databaseOf(context, database);
  const inside = rehearsalOf(context.environment, target.address) === 'in-target';
  await beginStep(context, {
    step: 'dry-run',
    database,
    statements: selected.reduce((sum, { statements }) => sum + statements.length, 0),
    stopping: inside
      ? 'ctrl-c throws the copy of the structure away; a request that runs inside the target undoes itself'
      : 'ctrl-c throws the scratch database away; the target is only read',
  });
  await restoreIntoScratch(database, context);
}

async function finishRehearsal(step: Extract<Step, { kind: 'check' }>, context: RunContext): Promise<void> {
  const evidence = await measureAfter(step, context);
  const of = databaseOf(context, step.database);
  const restored = evidence.rows === 'backup' ? evidence.backup : undefined;
  if (restored !== undefined) await markProven(context.places.backups, restored, new Date().toISOString());
  await of.scratch?.engine[Symbol.asyncDispose]();
  of.scratch = undefined;
  const from = restored === undefined ? '' : `${restored} restored, `;
  finishStep(context, { says: `${from}${describeEvidence(evidence)}`, evidence });
}
