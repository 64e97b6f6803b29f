import { pushTag, type Lease } from '../../bookkeeping/lease.ts';
import { some } from '../../migrations/some.ts';
import { describeLease, isDead } from '../../runs/lock/lock.ts';
import { acceptedIn, summarise, type Knowledge } from '../knowledge.ts';
import type { KnownRun, KnownUnit } from '../known-rows.ts';

interface Place {
  readonly environment: string;
  readonly database: string;
  /** Whether a migration is half-finished there: then no deploy goes on. */
  readonly isHalf: boolean;
}

/** What earlier runs left in one target, one sentence each: a run that was cut off, a step that was left out. */
export function whatRunsLeft(
  knowledge: Knowledge,
  { lease, ...place }: Place & { readonly lease: Lease | undefined },
): readonly string[] {
  return [...cutOffRun(knowledge, lease, place), ...leftOut(knowledge, place)];
}

const corrections: ReadonlySet<string> = new Set(['recover', 'mark', 'baseline', 'tidy']);

function cutOffRun(knowledge: Knowledge, lease: Lease | undefined, place: Place): readonly string[] {
  if (lease?.run !== undefined && lease.state === 'live' && !isDead(lease))
    return [`${describeLease(lease, Date.now())}.`];
  const last = lastCutOff(knowledge, place);
  const own = knowledge.units.filter(({ run, database }) => run === last?.id && database === place.database);
  const open = own.find(({ outcome }) => outcome === null);
  // Before the lease: what a database was taken back to may hold the lease of a run that ended long ago.
  if (last?.operation === 'restore' && open) return [`${whose(last)} in ${open.tag}: ${maybeBack(last)}`];
  if (last?.operation === 'resync') return [resyncLeft(last, own)];
  if (last?.operation === 'reset') return [resetLeft(last, own)];
  if (last && corrections.has(last.operation) && own.length > 0)
    return [`${whose(last)} at the records: ${allOrNone(last)}`];
  if (last?.operation === 'rollback') return [rollbackLeft(last, own, place)];
  if (lease?.run !== undefined) {
    const inside = last && isOf(last, lease) ? open?.tag : undefined;
    return [leftBehind(lease, lease.run, { ...place, inside })];
  }
  if (!last) return [];
  const what =
    own.length > 0
      ? 'after it gave the lock back; what is recorded here stays'
      : 'before it changed anything here';
  return [`${whose(last)} ${what}.`];
}

/** Each machine may number its runs by itself. */
function isOf({ id, by, host }: KnownRun, lease: Lease): boolean {
  return lease.run?.split('.')[0] === String(id) && lease.by === by && lease.host === host;
}

/** The target's last run, when it died: without the lock, before it took it or after it gave it back, only the ledger knows. */
function lastCutOff({ runs, units }: Knowledge, { environment, database }: Place): KnownRun | undefined {
  const last = runs.find((run) => run.environment === environment && run.databases.includes(database));
  return last && summarise(last, units).outcome === 'cut-off' ? last : undefined;
}

function whose({ id, operation, by, host }: KnownRun): string {
  return `Run ${id} (${operation}) of ${by}@${host} was cut off`;
}

function maybeBack({ environment, backup }: KnownRun): string {
  const before = backup === null ? '' : `; ${backup} is what it was before`;
  return `what is here is as before it or as that backup has it, whole either way${before}. migrate-tui restore ${environment} goes to either.`;
}

/** The copy is a unit without a hash: it is no migration. */
function resyncLeft(run: KnownRun, own: readonly KnownUnit[]): string {
  const copy = own.find(({ hash }) => hash === '');
  if (!copy) return `${whose(run)} before it changed anything here. The same resync does it anew.`;
  const before = bringsBack(run, copy);
  const found =
    copy.outcome === 'committed'
      ? `after ${copy.tag}: that is here, and what was to run on top of it may be pending.`
      : `in ${copy.tag}: what is here is as before it or as the other environment has it, whole either way.`;
  return `${whose(run)} ${found}${before} The same resync does it anew.`;
}

/** Each migration is taken back whole or not at all, and the records say which; one in parts may be in the middle. */
function rollbackLeft(run: KnownRun, own: readonly KnownUnit[], { environment, isHalf }: Place): string {
  const open = own.find(({ outcome }) => outcome === null);
  const done = own.filter(({ outcome }) => outcome === 'committed').map(({ tag }) => tag);
  const back =
    done.length === 0
      ? 'nothing was taken back before that'
      : `${some(done)} ${done.length === 1 ? 'is' : 'are'} taken back`;
  if (isHalf) {
    const inside = open === undefined ? '' : ` inside ${open.tag}`;
    return `${whose(run)}${inside}; ${back}. migrate-tui recover ${environment} goes on.`;
  }
  const where = open === undefined ? '' : ` inside ${open.tag}, which is as its record says`;
  return `${whose(run)}${where}; ${back}. The same rollback goes on, and so does a deploy.`;
}

/** The emptying is a unit without a hash, as a copy is. */
function resetLeft(run: KnownRun, own: readonly KnownUnit[]): string {
  const emptying = own.find(({ hash }) => hash === '');
  if (!emptying) return `${whose(run)} before it changed anything here. The same reset does it anew.`;
  const before = bringsBack(run, emptying);
  return emptying.outcome === 'committed'
    ? `${whose(run)} after it had emptied ${emptying.database}.${before} The next deploy goes on, and the same reset begins anew.`
    : `${whose(run)} in ${emptying.tag}: what is here is as before it or empty, whole either way.${before} The same reset does it anew.`;
}

function bringsBack({ environment, backup, databases }: KnownRun, { database }: KnownUnit): string {
  if (backup === null) return '';
  const which = databases.length > 1 ? ` --database ${database}` : '';
  return ` migrate-tui restore ${environment} ${backup}${which} brings back what was before.`;
}

function allOrNone({ environment }: KnownRun): string {
  return `all of them are written or none. migrate-tui recover ${environment} says which.`;
}

/** @param inside the migration that it was in, where this machine's record of the run knows */
function leftBehind(
  { tag, by, host, backup }: Lease,
  run: string,
  { environment, isHalf, inside }: Place & { readonly inside: string | undefined },
): string {
  if (tag === pushTag) {
    const before = backup === undefined ? '' : ` migrate-tui restore ${environment} ${backup} takes it back.`;
    return `Run ${run.split('.')[0] ?? '?'} of ${by}@${host} was cut off while drizzle-kit pushed: what it had changed by then stays.${before}`;
  }
  // The lock's row takes the tag in the migration's own transaction.
  const committed = tag === undefined ? 'before it had committed a migration' : `at ${tag}`;
  const where = inside === undefined ? committed : `inside ${inside}`;
  return `Run ${run.split('.')[0] ?? '?'} of ${by}@${host} was cut off ${where}; what it had not committed was undone.${isHalf ? '' : ' The next deploy goes on.'}`;
}

/** Break-glass stays in sight until the next whole deploy. */
function leftOut({ runs }: Knowledge, { environment, database }: Place): readonly string[] {
  const last = runs.find(
    (run) =>
      run.environment === environment &&
      run.operation === 'deploy' &&
      run.outcome === 'done' &&
      run.confirmation !== undefined &&
      run.databases.includes(database),
  );
  const { without, reason } = acceptedIn(last?.confirmation);
  if (without.length === 0) return [];
  return [`Run ${last?.id} deployed without ${without.join(' and ')}: ${reason ?? 'no reason was given'}.`];
}
