import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import { parseLease, type Lease, type LeaseTaker } from '../../bookkeeping/lease.ts';
import { SqlError, type Engine, type UnitOutcome } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { fateOf } from './run-key.ts';
import type { Dialect, Statement } from '../../sql/statement.ts';

/** The right to change a target, held by this run. */
export interface HeldLock {
  readonly run: string;
  readonly epoch: number;
  /** The lease that had run out and was taken over: its run was cut off. */
  readonly tookOver: Lease | undefined;
  /** The statements that open every unit of this run. */
  fence(tag: string | null): readonly Statement[];
}

/** The lease as the target shows it now; undefined when there never was one. Only reads. */
export async function currentLease(query: Engine['query']): Promise<Lease | undefined> {
  const { exists } = leaseTexts(query.dialect);
  return (await query(exists)).length === 0 ? undefined : leaseIn(query);
}

/** The same where the table is known to be there. */
async function leaseIn(query: Engine['query']): Promise<Lease | undefined> {
  const { read, table } = leaseTexts(query.dialect);
  try {
    return parseLease(await query(read));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw isForbidden(error) ? hiddenLease(error, query.dialect) : foreignLease(error, table);
  }
}

/**
 * Takes the lock or says who has it.
 *
 * @throws MigrateError `locked`, `busy` or `unreachable`; the target's data is as it was in each case
 */
export async function takeLock(engine: Engine, taker: LeaseTaker, busyTimeout: number): Promise<HeldLock> {
  const before = await currentLease(engine.query);
  const dead = before?.state === 'live' && isDead(before) ? before.run : undefined;
  // Where a unit of it has the row locked, asking for it would only wait.
  const isOthers = before?.state === 'live' && before.run !== taker.run;
  if (isOthers && dead === undefined) throw heldBy(before);
  const { create, take, guardTaken } = leaseTexts(engine.query.dialect);
  const outcome = await engine.unit(
    {
      foreignKeys: 'on',
      statements: [...create, take(taker, dead), guardTaken(taker)].map((statement) => ({
        ...statement,
        role: 'guard' as const,
      })),
    },
    { busyTimeout },
  );
  // A cut connection leaves open whether it was committed; the row itself says so.
  if (outcome.kind !== 'committed' && outcome.kind !== 'unknown')
    throw notTaken(engine, outcome, await currentLease(engine.query));
  const readBack = outcome.kind === 'committed' ? leaseIn : currentLease;
  const lease = await readBack(engine.query).catch(async (error: unknown) => {
    // What may be ours now is of no use to a run that ends here: the next one need not wait for it to run out.
    await releaseLock(engine, { run: taker.run, epoch: (before?.epoch ?? 0) + 1 });
    throw error;
  });
  if (lease?.run !== taker.run) throw notTaken(engine, outcome, lease);
  return held(
    engine,
    { run: taker.run, epoch: lease.epoch },
    before?.state === 'expired' || dead !== undefined ? before : undefined,
  );
}

/**
 * The same lock under the epoch that the target shows now: a restore plants a higher one.
 *
 * @throws MigrateError `locked` when the target shows somebody else's
 */
export async function renewedLock(engine: Engine, { run }: Pick<HeldLock, 'run'>): Promise<HeldLock> {
  const lease = await currentLease(engine.query);
  if (lease?.run !== run) throw heldBy(lease);
  return held(engine, { run, epoch: lease.epoch }, undefined);
}

/** Whether the lease is that of a process of this machine that is gone: it will never give a sign of life. */
export function isDead({ run }: Lease): boolean {
  return run !== undefined && fateOf(run) === 'gone';
}

/** Gives the lock back; when it is no longer ours nothing happens. */
export async function releaseLock(
  engine: Engine,
  lock: Pick<HeldLock, 'run' | 'epoch'>,
): Promise<UnitOutcome> {
  // The engine was opened with the run's own signal: a run that was asked to stop gives the lock back all the same.
  const { signal } = new AbortController();
  const { release } = leaseTexts(engine.query.dialect);
  return engine.unit({ foreignKeys: 'on', statements: [{ ...release(lock), role: 'guard' }] }, { signal });
}

function foreignLease(cause: SqlError, table: string): MigrateError {
  return new MigrateError(
    'refused',
    `The table ${table} in this database is not the lock that migrate-tui makes (${cause.message}), so nothing tells whether a run is going. Nothing was changed.`,
    {
      next: `When no run is going, DROP TABLE ${table}; the next change makes it anew.`,
      cause,
    },
  );
}

/** The role lacks a right; only servers with roles have the code. */
function isForbidden({ code }: SqlError): boolean {
  return code === '42501';
}

function hiddenLease(cause: SqlError, dialect: Dialect): MigrateError {
  const { table, forbidden } = leaseTexts(dialect);
  return new MigrateError(
    'refused',
    `The lock in ${table} cannot be read (${cause.message}), so nothing tells whether a run is going. Nothing was changed.`,
    { ...(forbidden === undefined ? {} : { next: forbidden }), cause },
  );
}

/** Who holds the lock, for people. */
export function describeLease(lease: Lease, now: number): string {
  const since = new Date(lease.since).toISOString().slice(11, 19);
  const seconds = Math.max(0, Math.round((now - lease.since) / 1000));
  const inside = lease.tag === undefined ? '' : `, in ${lease.tag}`;
  return `${lease.by}@${lease.host} has held the lock for ${seconds} s, since ${since} UTC (run ${lease.run ?? '?'}${inside})`;
}

function held(
  { query }: Pick<Engine, 'query'>,
  lock: Pick<HeldLock, 'run' | 'epoch'>,
  tookOver: Lease | undefined,
): HeldLock {
  const { fence } = leaseTexts(query.dialect);
  return { ...lock, tookOver, fence: (tag) => fence(lock, tag) };
}

function notTaken(
  { query: { dialect } }: Engine,
  outcome: UnitOutcome,
  lease: Lease | undefined,
): MigrateError {
  switch (outcome.kind) {
    case 'busy':
    case 'unknown':
      return outcome.error;
    case 'failed':
      return new MigrateError(
        'storage',
        `The lock cannot be written to the target: ${outcome.error.message}.`,
        {
          next:
            outcome.error.next ??
            (isForbidden(outcome.error) ? leaseTexts(dialect).forbidden : undefined) ??
            'The target must be writable for this user; nothing was changed.',
          cause: outcome.error,
        },
      );
    case 'committed':
    case 'guarded':
    case 'stopped':
      return heldBy(lease);
    default:
      return unreachable(outcome);
  }
}

function heldBy(lease: Lease | undefined): MigrateError {
  const holder =
    lease?.run === undefined
      ? 'Another process was faster to take the lock'
      : describeLease(lease, Date.now());
  return new MigrateError('locked', `${holder}. Nothing was changed.`, {
    next: 'Wait for it to end; a lock without a sign of life for 60 s is taken over by the next run.',
  });
}
