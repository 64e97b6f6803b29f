import { pushTag } from '../../bookkeeping/lease.ts';
import { MigrateError } from '../../lib/errors.ts';
import { count, quantity } from '../../lib/numbers.ts';
import type { ChangedObject } from '../../operations/events.ts';
import { kitProblem, saysServerError } from '../../operations/kit-problem.ts';
import type { Step } from '../../operations/plan/step.ts';
import { compareSchemas } from '../../schema/compare.ts';
import { asStep, databaseOf, type RunContext, type StepResult, type TargetKit } from '../context.ts';
import type { KitSaid } from '../kit/run-kit.ts';
import { keepLease } from '../lock/keep-lease.ts';
import { kitFailure } from '../kit/failure.ts';

type PushStep = Extract<Step, { kind: 'push' }>;

/**
 * Has drizzle-kit bring a database to the schema code, under the lock. What it did is told by the schema before and
 * after: its own words and its exit status prove nothing.
 */
export async function performPush(step: PushStep, context: RunContext): Promise<void> {
  const { database, terminal } = step;
  const { engine, lock, kit } = databaseOf(context, database);
  if (!engine || !lock || !kit) throw new Error(`${database} is not open and locked for a push.`);
  const stopping = 'ctrl-c ends drizzle-kit, which runs its statements one by one: those that ran stay';
  await asStep(context, { step: 'push', database, stopping }, async () => {
    const before = await kit.look();
    await using lease = await keepLease(engine, lock, { tag: pushTag });
    const signal = AbortSignal.any([context.signal, lease.lost]);
    const ended = await runAsking(kit, { terminal, signal }).catch((error: unknown) => ({ error }));
    const after = await kit.look();
    const changed = compareSchemas(before.schema, after.schema).map(({ type, name, change }) => ({
      type,
      name,
      change,
    }));
    if (changed.length > 0) context.progress.pushed.push(database);
    for (const message of fewerRows(before.rows, after.rows))
      context.events.emit({ kind: 'notice', level: 'warning', message });
    const lost = before.records.filter((name) => !after.records.includes(name));
    return judge(step, { ended, changed, lost, lease: lease.lost }, context);
  });
}

/** Also of tables that nobody was asked about: a rebuilt table takes the rows along that refer to it by CASCADE on D1. */
function fewerRows(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...before].flatMap(([table, rows]) => {
    const now = after.get(table);
    if (rows === 0 || (now ?? 0) >= rows) return [];
    const had = `${table} had ${quantity(rows, 'row')}`;
    return [
      now === undefined ? `${had} and is gone.` : `${had} and has ${now === 0 ? 'none' : count(now)} now.`,
    ];
  });
}

interface Said {
  readonly said: KitSaid;
  /** Whether it was on the terminal, where nobody but the person heard what it said. */
  readonly where: 'on-the-terminal' | 'heard';
}

/** First without a terminal, as most pushes ask nothing: a question is then what it fails with, before it changes anything. */
async function runAsking(
  kit: TargetKit,
  { terminal, signal }: { readonly terminal: 'ours' | 'none'; readonly signal: AbortSignal },
): Promise<Said> {
  const said = await kit.push({ terminal: 'none', signal });
  if (terminal === 'none' || kitProblem(said.text).kind !== 'asks') return { said, where: 'heard' };
  return { said: await kit.push({ terminal: 'ours', signal }), where: 'on-the-terminal' };
}

function failure(said: KitSaid, { projectRoot: root, environment }: RunContext): MigrateError {
  return kitFailure('push', said, { root, again: `push ${environment.name} --yes` });
}

interface Pushed {
  readonly ended: Said | { readonly error: unknown };
  readonly changed: readonly ChangedObject[];
  /** Tables of records that are gone. */
  readonly lost: readonly string[];
  readonly lease: AbortSignal;
}

function judge(step: PushStep, { ended, changed, lost, lease }: Pushed, context: RunContext): StepResult {
  const what = changedText(changed);
  if (lease.aborted) throw leaseTaken(step, what, context);
  if ('error' in ended)
    throw changed.length === 0 ? asItWas(ended.error) : partWay(what, ended.error, context);
  if (lost.length > 0) throw recordsLost(step, lost, context);
  const { said, where } = ended;
  if (changed.length > 0) {
    if (said.exitCode === 0 && !saysServerError(said.text))
      return { says: `${step.tool} changed ${what}`, changed };
    const why = where === 'heard' ? failure(said, context) : undefined;
    throw partWay(what, why, context);
  }
  if (where === 'on-the-terminal') throw notAnswered(step, context);
  if (!/no changes detected/i.test(said.text)) throw failure(said, context);
  return { says: `${step.tool} found nothing to change`, changed };
}

/** `2 objects: table posts, index posts_title` */
function changedText(changed: readonly ChangedObject[]): string {
  const named = changed.slice(0, most).map(({ type, name }) => `${type} ${name}`);
  const more = changed.length > most ? [`${count(changed.length - most)} more`] : [];
  return `${quantity(changed.length, 'object')}: ${[...named, ...more].join(', ')}`;
}

const most = 5;

function asItWas(error: unknown): unknown {
  if (!(error instanceof MigrateError) || error.code !== 'interrupted') return error;
  return new MigrateError('interrupted', 'Interrupted. The schema is as it was.', { cause: error });
}

/** drizzle-kit runs its statements one by one: a failure or an interruption may have come between two. */
function partWay(what: string, cause: unknown, { environment, progress }: RunContext): MigrateError {
  const interrupted = cause instanceof MigrateError && cause.code === 'interrupted';
  const why = interrupted ? 'was interrupted' : 'failed';
  const said = cause instanceof MigrateError && !interrupted ? ` ${cause.message}` : '';
  return new MigrateError(
    'stopped-part-way',
    `drizzle-kit ${why} after it had changed ${what} of ${environment.name}.${said}`,
    {
      next: `migrate-tui push ${environment.name} --yes goes on from what is there.${backupText(environment.name, progress.backup)}`,
      cause,
    },
  );
}

function backupText(environment: string, backup: string | undefined): string {
  return backup === undefined ? '' : ` migrate-tui restore ${environment} ${backup} takes it back.`;
}

function leaseTaken({ database }: PushStep, what: string, { environment }: RunContext): MigrateError {
  return new MigrateError(
    'locked',
    `Somebody else took the lock of ${database} over while drizzle-kit was at work; it was ended. By then ${what} had changed.`,
    { next: `migrate-tui status ${environment.name} shows who has it.` },
  );
}

function recordsLost(
  { tool }: PushStep,
  lost: readonly string[],
  { environment: { name }, progress: { backup } }: RunContext,
): MigrateError {
  return new MigrateError(
    'stopped-part-way',
    `${tool} pushed to ${name} and dropped ${lost.join(', ')} with it.`,
    {
      next: `Keep such tables from it with tablesFilter in the Drizzle configuration.${backupText(name, backup)}`,
    },
  );
}

/** It was ended at its question, or told to abort; either way it is for the person to begin again. */
function notAnswered({ tool, database }: PushStep, { environment }: RunContext): MigrateError {
  return new MigrateError(
    'not-confirmed',
    `${tool} was not told to go on. ${database} of ${environment.name} is as it was.`,
    { next: `migrate-tui push ${environment.name} --yes asks again.` },
  );
}
