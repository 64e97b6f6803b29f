import { MigrateError } from '../../lib/errors.ts';
import { clock } from '../../lib/time.ts';
import { SqlError, type UnitOutcome } from '../engine.ts';
import type { Holder } from './session.ts';

/** Somebody else's lock was in the way for too long, or each waited for the other. */
export function isBusy({ code }: SqlError): boolean {
  return code === lockNotAvailable || code === deadlock;
}

/**
 * Runs a unit that a deadlock undid a second and a third time: whoever it was with has what it waited for by now, and
 * a migration of several tables easily meets a program that takes the same locks in another order.
 *
 * @param run runs it once, whole
 */
export async function againAfterDeadlock(run: () => Promise<UnitOutcome>): Promise<UnitOutcome> {
  for (let left = attempts - 1; ; left -= 1) {
    const outcome = await run();
    if (left === 0 || outcome.kind !== 'busy' || !isDeadlock(outcome.error.cause)) return outcome;
  }
}

const attempts = 3;

/** Whom a deadlock was with: the server names the processes in its DETAIL, which holds no row, ours first. */
export function pidsInDeadlock({ code, cause }: SqlError): readonly number[] {
  if (code !== deadlock || !(cause instanceof Error) || !('detail' in cause)) return [];
  const pids = [...String(cause.detail).matchAll(/Process (\d+) waits/g)].map(([, pid]) => Number(pid));
  return pids.slice(1);
}

/** @param waited milliseconds */
export function postgresBusy(
  location: string,
  {
    error,
    holders,
    waited,
  }: { readonly error: SqlError; readonly holders: readonly Holder[]; readonly waited: number },
): MigrateError {
  const [holder] = holders;
  const others = andMore(holders);
  if (isDeadlock(error)) {
    // It got what it waited for: what it does now says nothing.
    const who =
      holder === undefined ? '' : `: ${describe({ ...holder, since: undefined, isIdle: false })}${others}`;
    const how = `waited for a lock while another session waited for one of its own${who}`;
    return new MigrateError('busy', `${location} ${how}`, {
      cause: error,
      next: 'Try again while less is written there.',
    });
  }
  const who = holder === undefined ? '' : `: ${describe(holder)} holds it${others}`;
  return new MigrateError('busy', `${location} did not get a lock within ${waited / 1000} s${who}`, {
    cause: error,
    next: nextFor(holder),
  });
}

/** Who keeps a statement waiting, for people. */
export function inTheWay(holders: readonly Holder[]): string {
  const [holder] = holders;
  return holder === undefined ? 'another session' : `${describe(holder)}${andMore(holders)}`;
}

const andMore = ({ length }: readonly Holder[]) => (length > 1 ? `, and ${length - 1} more` : '');

function isDeadlock(error: unknown): boolean {
  return error instanceof SqlError && error.code === deadlock;
}

function describe({ pid, program, user, since, isIdle }: Holder): string {
  // A prepared transaction has no process.
  if (pid === 0) return 'a prepared transaction';
  const known = [
    ...(program === undefined ? [] : [`application ${program}`]),
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(since === undefined ? [] : [`since ${clock(since)}`]),
    ...(isIdle ? ['idle inside its transaction'] : []),
  ];
  return known.length === 0 ? `process ${pid}` : `process ${pid} (${known.join(', ')})`;
}

function nextFor(holder: Holder | undefined): string {
  if (holder === undefined) return 'Find out in pg_locks who holds the lock, let it finish, and try again.';
  if (holder.pid === 0) return 'Commit or roll back what pg_prepared_xacts lists, and try again.';
  return `Let it finish, or end it with SELECT pg_terminate_backend(${holder.pid}); then try again.`;
}

const lockNotAvailable = '55P03';
const deadlock = '40P01';
