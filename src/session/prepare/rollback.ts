import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';
import type { Change } from '../../operations/change.ts';
import { planRollback, type Rollback } from '../../operations/rollback/plan-rollback.ts';
import type { Environment } from '../../project/project.ts';
import { dispose, findingsOf, readGround, type Prepared } from './prepare.ts';
import { lockIn, readTarget, type ReadTarget } from './read-target.ts';
import { refuseHalf } from './refuse-half.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Opens and reads every database of an environment, and chooses what each takes back; the last one that a deploy would
 * write comes first.
 *
 * @throws MigrateError `refused`, `locked`, `not-found`… before anything was changed
 */
export async function prepareRollback(
  workspace: Workspace,
  environment: Environment,
  { databases, to }: Pick<Extract<Change, { kind: 'rollback' }>, 'databases' | 'to'>,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  const read: ReadTarget[] = [];
  try {
    for (const target of workspace.targetsOf(environment, databases).toReversed()) {
      const options = { signal, purpose: 'change', whenLocked: 'refuse' } as const;
      const one = await readTarget(workspace, environment, target, options);
      read.push(one);
      refuseHalf(one.snapshot, environment.name);
    }
    const rollbacks = planRollback(
      read.map(({ run, snapshot }) => ({ database: run.database.name, ...snapshot })),
      { to, environment: environment.name },
    );
    for (const [index, { snapshot }] of read.entries())
      refuseSecondBook(snapshot, rollbacks[index]?.undone ?? [], environment.name);
    const prepared: Prepared[] = [];
    for (const [index, one] of read.entries()) {
      const rollback = rollbacks[index];
      if (rollback) prepared.push(await ready(workspace, one, { rollback, policy: environment.policy }));
    }
    return prepared;
  } catch (error) {
    await dispose(read);
    throw error;
  }
}

async function ready(
  workspace: Workspace,
  { run, snapshot, notices }: ReadTarget,
  { rollback, policy }: { readonly rollback: Rollback; readonly policy: Environment['policy'] },
): Promise<Prepared> {
  run.selected = rollback.undone;
  run.leaves = { kind: 'no-record', erases: rollback.erases };
  const ground = await readGround(run);
  return {
    run,
    selected: run.selected,
    waiting: [],
    ...ground,
    lock: lockIn(snapshot),
    findings: findingsOf(workspace, run, ground, { policy, goes: 'back' }),
    warnings: notices,
  };
}

/**
 * The other runner would go on believing that it has run them.
 *
 * @throws MigrateError `refused`
 */
function refuseSecondBook(
  { beside }: ReadTarget['snapshot'],
  undone: readonly Migration[],
  environment: string,
): void {
  const tags = new Set(undone.map(({ tag }) => tag));
  const also = beside?.inBoth.filter(({ tag }) => tags.has(tag)) ?? [];
  if (!beside || also.length === 0) return;
  throw new MigrateError(
    'refused',
    `${beside.other.table} of ${environment} has ${some(also.map(({ tag }) => tag))} as applied, too, and would still say so. Nothing was changed.`,
    {
      next: `Delete those records there, if nothing goes by ${beside.other.table} any more; then roll back.`,
    },
  );
}
