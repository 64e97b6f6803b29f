import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Change } from '../change.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Operation } from '../events.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { RowExpectations } from '../evidence/row-expectations.ts';
import type { CopyStep, ExecuteStep, Leaves, LeavesOfAll, Plan, Step } from './step.ts';

/** What the planners know of one database of the environment. */
export interface PlanInput {
  readonly database: string;
  readonly selected: readonly Migration[];
  readonly migrations: readonly Migration[];
  readonly bookkeeping: Bookkeeping;
  readonly entries: readonly Entry[];
  /** Of every selected one; its record when absent. */
  readonly leaves?: LeavesOfAll;
}

/**
 * Backup, restore into scratch, the pending migrations there: yields evidence. The target is not touched, or, by its
 * `in-target` rehearsal, undone to what it was.
 */
export function planRehearsal(
  environment: string,
  inputs: readonly (PlanInput & Pick<Evidence, 'rehearsal'>)[],
  hooks: HookFinder,
): Plan {
  const databases = inputs.map(({ database }) => database);
  return {
    operation: 'dry-run',
    environment,
    databases,
    steps: [
      ...hooked(hooks, 'Backup', [{ kind: 'backup', databases }]),
      ...hooked(
        hooks,
        'DryRun',
        inputs.flatMap((input): readonly Step[] => [
          { kind: 'restore', database: input.database, into: 'scratch', rehearsal: input.rehearsal },
          { kind: 'check', database: input.database, check: 'rows-before' },
          ...executions(input, 'scratch'),
          { kind: 'check', database: input.database, check: 'rows-after' },
        ]),
      ),
    ],
  };
}

/** One set, nothing else. */
export function planBackup(
  environment: string,
  databases: readonly string[],
  { tables, archive }: Partial<Pick<Extract<Change, { kind: 'backup' }>, 'tables' | 'archive'>> = {},
): Plan {
  const step = { kind: 'backup', databases, ...(tables && { tables }), ...(archive && { archive }) } as const;
  return { operation: 'backup', environment, databases, steps: [step] };
}

/** What is there now is kept first; then each database, or only some tables of it, is overwritten under its lock. */
export function planRestore(
  environment: string,
  databases: readonly string[],
  { backup, tables }: { readonly backup: string; readonly tables: readonly string[] | undefined },
): Plan {
  return {
    operation: 'restore',
    environment,
    databases,
    steps: [
      { kind: 'backup', databases },
      ...databases.flatMap((database) =>
        underLock(database, [
          tables === undefined
            ? { kind: 'restore', database, into: 'target', backup }
            : { kind: 'restore-tables', database, backup, tables },
        ]),
      ),
    ],
  };
}

/** The lock that a run left is taken over and given back; nothing else is touched. */
export function planTakeOver(environment: string, database: string): Plan {
  return {
    operation: 'recover',
    environment,
    databases: [database],
    steps: underLock(database, []),
  };
}

/** A copy of what is there now, then the tracking table is put right under the lock. */
export function planCorrection(
  environment: string,
  {
    operation,
    ...corrected
  }: Pick<Extract<Step, { kind: 'correct' }>, 'database' | 'what' | 'statements'> & {
    readonly operation: Extract<Operation, 'recover' | 'mark' | 'baseline' | 'tidy'>;
  },
): Plan {
  const { database } = corrected;
  return {
    operation,
    environment,
    databases: [database],
    steps: [
      { kind: 'backup', databases: [database] },
      ...underLock(database, [{ kind: 'correct', step: operation, ...corrected }]),
    ],
  };
}

/** A backup of what is there, then each database is emptied and its migrations are run anew; at the end the seed. */
export function planReset(
  environment: string,
  inputs: readonly (PlanInput & { readonly isThere: boolean })[],
  { hooks, seed }: { readonly hooks: HookFinder; readonly seed: string | undefined },
): Plan {
  return {
    operation: 'reset',
    environment,
    databases: inputs.map(({ database }) => database),
    steps: [
      ...backupOf(inputs, hooks),
      ...inputs.flatMap((input) =>
        underLock(input.database, [
          ...(input.isThere ? [{ kind: 'empty', database: input.database } as const] : []),
          ...executions(input, 'target'),
          ...(input.selected.length > 0
            ? [{ kind: 'check', database: input.database, check: 'verify' } as const]
            : []),
        ]),
      ),
      ...(seed === undefined ? [] : [{ kind: 'hook', hook: 'seed', command: seed } as const]),
    ],
  };
}

/** A backup of what is there; then each database takes what the other environment has, and runs what that has not run. */
export function planResync(
  environment: string,
  inputs: readonly (PlanInput & Omit<CopyStep, 'kind'> & { readonly isThere: boolean })[],
  hooks: HookFinder,
): Plan {
  return {
    operation: 'resync',
    environment,
    databases: inputs.map(({ database }) => database),
    steps: [
      ...backupOf(inputs, hooks),
      ...inputs.flatMap((input) =>
        underLock(input.database, [
          { kind: 'copy', database: input.database, from: input.from, by: input.by, tables: input.tables },
          ...executions(input, 'target'),
          { kind: 'check', database: input.database, check: 'verify' },
        ]),
      ),
    ],
  };
}

/** A backup of what is there; then drizzle-kit alone changes the database, under its lock. */
export function planPush(
  environment: string,
  { isThere, ...pushed }: Omit<Extract<Step, { kind: 'push' }>, 'kind'> & { readonly isThere: boolean },
  hooks: HookFinder,
): Plan {
  const { database } = pushed;
  return {
    operation: 'push',
    environment,
    databases: [database],
    steps: [
      ...backupOf([{ database, isThere }], hooks),
      ...underLock(database, [{ kind: 'push', ...pushed }]),
    ],
  };
}

/** After a run that was cut off with nothing left to do: its verify is made good, and its lock given back. */
export function planLastVerify(
  operation: Extract<Operation, 'deploy' | 'rollback'>,
  environment: string,
  databases: readonly string[],
): Plan {
  return {
    operation,
    environment,
    databases,
    steps: databases.flatMap((database) =>
      underLock(database, [{ kind: 'check', database, check: 'verify' }]),
    ),
  };
}

/** What a deploy or a rollback does to the targets once it is confirmed; databases one after the other, each whole. */
export function planApply(
  environment: string,
  inputs: readonly (PlanInput & {
    readonly evidence: Evidence | undefined;
    readonly expectations: ExpectationsOf;
  })[],
  hooks: HookFinder,
): Plan {
  return {
    operation: 'deploy',
    environment,
    databases: inputs.map(({ database }) => database),
    steps: inputs.flatMap((input) =>
      underLock(input.database, [
        { kind: 'check', database: input.database, check: 'unchanged' },
        ...hooked(hooks, 'Apply', executions(input, 'target', input.evidence, input.expectations)),
        ...hooked(hooks, 'Verify', [{ kind: 'check', database: input.database, check: 'verify' }]),
      ]),
    ),
  };
}

export type ExpectationsOf = (tag: string) => RowExpectations | undefined;
export type HookFinder = (hook: `${'before' | 'after'}${HookedStep}`) => string | undefined;
type HookedStep = 'Backup' | 'DryRun' | 'Apply' | 'Verify';

function underLock(database: string, steps: readonly Step[]): readonly Step[] {
  return [{ kind: 'lock', database, do: 'take' }, ...steps, { kind: 'lock', database, do: 'release' }];
}

/** One set of what is there; of what does not exist yet there is nothing to keep. */
function backupOf(
  inputs: readonly { readonly database: string; readonly isThere: boolean }[],
  hooks: HookFinder,
): readonly Step[] {
  const databases = inputs.filter(({ isThere }) => isThere).map(({ database }) => database);
  return databases.length === 0 ? [] : hooked(hooks, 'Backup', [{ kind: 'backup', databases }]);
}

function executions(
  { database, selected, bookkeeping, entries, migrations, leaves = { kind: 'its-record' } }: PlanInput,
  on: 'scratch' | 'target',
  evidence?: Evidence,
  expectations?: ExpectationsOf,
): readonly ExecuteStep[] {
  let records = entries.length;
  return selected.map((migration, index) => {
    const leavesBehind = leavesOf(leaves, migration);
    const recordsBefore = records;
    records += recordsAdded(leavesBehind);
    return {
      kind: 'execute',
      database,
      on,
      migration,
      bookkeeping,
      prepare: index === 0 ? [...bookkeeping.create(), ...bookkeeping.upgrade(entries, migrations)] : [],
      recordsBefore,
      leaves: leavesBehind,
      expectations: expectations?.(migration.tag),
      expected:
        evidence?.migrations.find(({ tag }) => tag === migration.tag)?.statements.map(({ took }) => took) ??
        [],
    };
  });
}

function leavesOf(all: LeavesOfAll, { tag }: Migration): Leaves {
  if (all.kind === 'its-record') return all;
  const erases = all.erases.get(tag);
  return { kind: 'no-record', ...(erases && { erases }) };
}

function recordsAdded(leaves: Leaves): number {
  if (leaves.kind === 'its-record') return 1;
  return leaves.erases ? -1 : 0;
}

function hooked(hooks: HookFinder, step: HookedStep, steps: readonly Step[]): readonly Step[] {
  return [...hookStep(hooks, `before${step}`), ...steps, ...hookStep(hooks, `after${step}`)];
}

function hookStep(hooks: HookFinder, hook: `${'before' | 'after'}${HookedStep}`): readonly Step[] {
  const command = hooks(hook);
  return command === undefined ? [] : [{ kind: 'hook', hook, command }];
}
