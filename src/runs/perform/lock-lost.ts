import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { Engine, SqlError } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { RunContext } from '../context.ts';
import { currentLease, describeLease, type HeldLock } from '../lock/lock.ts';

/** A migration that was refused because the run does not hold the lock any more. */
export function lockLost(
  { tag }: Migration,
  where: string,
  {
    holder,
    kept,
    again,
  }: Pick<RunContext, 'again'> & {
    readonly holder: Holder;
    /** What stays of it, for people, without a full stop; undefined: nothing. */
    readonly kept: string | undefined;
  },
): MigrateError {
  return new MigrateError(
    'locked',
    `The lock of ${where} is no longer this run's: ${holder.says}. ${kept ?? `${tag} was undone in full`}.`,
    {
      next:
        holder.kind === 'somebody'
          ? 'Wait for the other run to end, then look at the status.'
          : `Look at the status; ${again} takes the lock anew and goes on from here.`,
    },
  );
}

/** Who has the lock of a run that lost it. */
type Holder = { readonly kind: 'somebody' | 'nobody'; readonly says: string };

export async function holderOf(engine: Engine, lock: HeldLock | undefined): Promise<Holder> {
  const lease = await currentLease(engine.query);
  if (!lease) return lockIsGone('row');
  if (lease.run === undefined || lease.run === lock?.run)
    return { kind: 'nobody', says: 'it was given back' };
  return { kind: 'somebody', says: describeLease(lease, Date.now()) };
}

export function lockIsGone(what: 'row' | 'table'): Holder {
  return { kind: 'nobody', says: `its ${what} is gone` };
}

/** Somebody dropped the table of the lock, as a push of another tool may: the fence itself fails then. */
export async function isLockGone({ query }: Engine, { message }: SqlError): Promise<boolean> {
  const { table, exists } = leaseTexts(query.dialect);
  return message.includes(table) && (await query(exists)).length === 0;
}
