import type { UnitOutcome } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { ViolationCount } from '../../operations/evidence/measurement.ts';
import type { Cause } from '../../operations/causes/failure.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import type { RunContext } from '../context.ts';
import type { SettledUnit } from '../unit/settled-unit.ts';
import { statementFailed } from './migration-failed.ts';

/** What a dry-run that failed says, and that nothing else was changed. */
export function rehearsalFailed(
  outcome: Exclude<UnitOutcome | SettledUnit, { kind: 'committed' | 'stopped' }>,
  { migration, database }: ExecuteStep,
  { context, cause: why }: { readonly context: RunContext; readonly cause: Cause | undefined },
): MigrateError {
  if (outcome.kind === 'guarded' && outcome.guard === 'history') {
    return new MigrateError(
      'target-changed',
      `Something else migrated ${context.environment.name} while the copy for the dry-run was taken: ${outcome.detail}. This run changed nothing.`,
      { next: 'Look at the status; deploy again when it still shows pending migrations.' },
    );
  }
  const where = `The dry-run of ${context.environment.name}${context.databases.size > 1 ? `, ${database},` : ''}`;
  const cause =
    outcome.kind === 'failed'
      ? statementFailed(outcome, migration, where, {
          showValues: context.showValues,
          again: context.again,
          delivery: 'statement-by-statement',
          cause: why,
        })
      : outcome.kind === 'guarded'
        ? new MigrateError(
            'rehearsal-failed',
            `${where} stopped at ${migration.tag}: ${outcome.guard} ${outcome.detail}.`,
          )
        : outcome.error;
  return new MigrateError(
    'rehearsal-failed',
    `${cause.message} ${context.environment.name} itself was not changed.`,
    {
      ...(cause.next === undefined ? {} : { next: cause.next }),
      cause,
    },
  );
}

export function leavesOrphans(
  orphaned: readonly ViolationCount[],
  what: string,
  { environment, next }: Pick<RunContext, 'environment'> & { readonly next?: string | undefined },
): MigrateError {
  const said = orphaned.map(
    ({ table, parent, count }) => `${quantity(count, 'row')} of ${table} to ${parent}`,
  );
  return new MigrateError(
    'rehearsal-failed',
    `In the dry-run ${what} leaves rows that refer to nothing: ${said.join(', ')}. ${environment.name} itself was not changed.`,
    { next: next ?? 'Delete or move those rows in the same migration, before what they refer to goes.' },
  );
}

export function checkFailed(
  says: readonly string[],
  { environment }: RunContext,
  next: string,
): MigrateError {
  return new MigrateError(
    'rehearsal-failed',
    `In the dry-run ${says.join('; ')}. ${environment.name} itself was not changed.`,
    { next },
  );
}
