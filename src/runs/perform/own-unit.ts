import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { Engine, Unit, UnitStatement } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { interrupted, type RunContext } from '../context.ts';
import type { HeldLock } from '../lock/lock.ts';
import { settledUnit, type SettledUnit } from '../unit/settled-unit.ts';

export interface OwnUnit {
  readonly engine: Engine;
  readonly lock: HeldLock;
  readonly foreignKeys: Unit['foreignKeys'];
  readonly statements: readonly UnitStatement[];
  /** What is written, for people: `the records`. */
  readonly what: string;
  /** The command that looks at what became of it. */
  readonly look: string;
}

/**
 * Runs statements of ours that are no migration as one unit behind the fence. The counts that only this unit keeps
 * tell whether it was committed when its answer is lost.
 *
 * @throws MigrateError `target-changed`, `locked`, `statement-failed`, `interrupted`, `busy` with everything undone;
 * `stopped-part-way` when nobody knows yet
 */
export async function runOwnUnit(own: OwnUnit, { signal }: Pick<RunContext, 'signal'>): Promise<void> {
  const { engine, lock, foreignKeys, statements } = own;
  const lease = leaseTexts(engine.query.dialect);
  const guards = [...lock.fence(null), lease.keepCounts("'{}'")].map((statement) => ({
    ...statement,
    role: 'guard' as const,
  }));
  const outcome = await engine.unit({ foreignKeys, statements: [...guards, ...statements] }, { signal });
  insist(await settledUnit(engine, outcome, lease.countsAreKept(lock)), own);
}

function insist(outcome: SettledUnit, { engine: { location }, what, look }: OwnUnit): void {
  switch (outcome.kind) {
    case 'committed':
      return;
    case 'guarded':
      throw new MigrateError(
        outcome.guard === 'lease' ? 'locked' : 'target-changed',
        `${location} was changed meanwhile (${outcome.detail}). Nothing was changed.`,
        { next: `${look} looks again.` },
      );
    case 'failed':
      throw new MigrateError(
        'statement-failed',
        `${location} refused to change ${what} (${outcome.error.code}). Nothing was changed.`,
        { next: `${look} shows what is there.`, cause: outcome.error },
      );
    case 'stopped':
      throw interrupted(`before ${what} were changed`);
    case 'busy':
      throw outcome.error;
    case 'open':
      throw new MigrateError(
        'stopped-part-way',
        `Whether ${what} of ${location} were changed is not known yet; all of it is or nothing: ${outcome.error.message}`,
        { next: `${look} reads it back.`, cause: outcome.error },
      );
    default:
      unreachable(outcome);
  }
}
