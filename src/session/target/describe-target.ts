import type { Lease } from '../../bookkeeping/lease.ts';
import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import type { LedgerCheck } from '../../ledger/ledger.ts';
import { commandLine } from '../../lib/command-line.ts';
import { quantity } from '../../lib/numbers.ts';
import { halfIn, sayUnderWay, sayWithoutFile } from '../../operations/diagnosis/half-without-file.ts';
import { tagOf, type History, type HistoryItem } from '../../operations/history/history.ts';
import type {
  LockReport,
  StatusDrift,
  StatusItem,
  StatusTarget,
  TargetState,
} from '../../operations/reports.ts';
import { neverRuns, whyPassedBy } from '../../operations/history/passed-by.ts';
import { sayTakenBack } from '../../operations/rollback/taken-back.ts';
import { isWithoutRecords } from '../../operations/history/selection.ts';
import { stoppedAt } from '../../operations/diagnosis/stopped-at.ts';
import type { Environment } from '../../project/project.ts';
import { isDead } from '../../runs/lock/lock.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { unitOf, type Knowledge } from '../knowledge.ts';
import { whatRunsLeft } from '../unfinished/left-by-runs.ts';

/** What a status says of a target that answered: where its history is, and what is in the way. */
export function describeTarget(
  { history, lease, beside }: Snapshot,
  environment: Environment,
  database: string,
  { knowledge, drift }: { readonly knowledge: Knowledge; readonly drift: StatusDrift | undefined },
): Omit<StatusTarget, 'database' | 'engine' | 'location'> {
  const known = { environment: environment.name, database };
  const compared = comparedNow(drift) ?? comparedBefore(knowledge, known);
  return {
    state: statesOf(history, compared?.result),
    ...(compared && { driftAskedAt: new Date(compared.askedAt).toISOString() }),
    ...(drift && { drift }),
    applied: history.items.filter(isApplied).length,
    pending: history.items.filter(
      ({ kind }) => kind === 'pending' || kind === 'half' || kind === 'unrecorded',
    ).length,
    items: [
      ...history.items.map((item) =>
        halfIfTakenBack(
          itemOf(item, unitOf(knowledge, { ...known, tag: tagOf(item) })?.endedAt ?? undefined),
          history,
        ),
      ),
      ...(history.withoutFile ?? []).map(itemWithoutFile),
    ],
    ...(lease?.run === undefined ? {} : { lock: lockOf(lease, lease.run) }),
    says: [
      ...sayings(history, {
        environment: environment.name,
        running: runningIn(lease),
        ...(environment.targets.length > 1 && { database }),
      }),
      ...(history.withoutFile ?? []).map((noted) =>
        noted.tag === runningIn(lease) ? sayUnderWay(noted) : sayWithoutFile(noted, environment.name),
      ),
      ...(history.takenBack ?? []).map(
        ({ noted }) =>
          `${noted.tag} ${noted.tag === runningIn(lease) ? 'is being taken back' : `${sayTakenBack(noted)}. migrate-tui recover ${environment.name} takes the rest of it back`}.`,
      ),
      ...history.notes.map(({ message }) => `${message}.`),
      ...(history.renames || beside?.onlyOther.length
        ? [`migrate-tui recover ${environment.name} shows the way out.`]
        : []),
      ...whatRunsLeft(knowledge, { ...known, lease, isHalf: halfIn(history) !== undefined }),
    ],
  };
}

type Compared = Pick<LedgerCheck, 'result' | 'askedAt'>;

/** What could not be compared now leaves standing what was found before. */
function comparedNow(drift: StatusDrift | undefined): Compared | undefined {
  if (drift === undefined || drift.state === 'not-replayed') return undefined;
  return { result: drift.state, askedAt: Date.now() };
}

function comparedBefore(
  { checks }: Knowledge,
  target: { readonly environment: string; readonly database: string },
): Compared | undefined {
  return checks.find(
    ({ environment, database }) => environment === target.environment && database === target.database,
  );
}

function statesOf(history: History, drift: string | undefined): readonly TargetState[] {
  const states: TargetState[] = [];
  const { items } = history;
  if (halfIn(history) !== undefined) states.push('half-finished');
  if (drift === 'differs') states.push('drifted');
  if (items.some(({ kind }) => kind === 'pending' || kind === 'skipped' || kind === 'unrecorded'))
    states.push('behind');
  return states.length === 0 ? ['current'] : states;
}

/** The migration that a run is in at this moment. */
function runningIn(lease: Lease | undefined): string | undefined {
  return lease?.state === 'live' && !isDead(lease) ? lease.tag : undefined;
}

function sayings(
  { items, kind: by }: History,
  {
    environment,
    running,
    database,
  }: {
    readonly environment: string;
    readonly running: string | undefined;
    /** Where the environment has several. */
    readonly database?: string;
  },
): readonly string[] {
  const says: string[] = [];
  for (const item of items) {
    if (item.kind === 'half' && item.migration.tag === running) {
      says.push(sayUnderWay({ tag: running, done: item.after, of: item.of }));
    } else if (item.kind === 'half') {
      says.push(
        `${item.migration.tag} ${stoppedAt(item)}: the ${item.seen === 'noted' ? 'database keeps a note of it' : 'schema shows it'}. migrate-tui recover ${environment} offers the ways out.`,
      );
    }
  }
  const count = (kind: HistoryItem['kind']) => items.filter((item) => item.kind === kind).length;
  if (count('skipped') > 0) {
    const [whose, them] = count('skipped') === 1 ? (['its', 'it'] as const) : (['their', 'them'] as const);
    says.push(
      `${quantity(count('skipped'), 'migration')} ${neverRuns(by)}: ${whyPassedBy(by, whose)}. migrate-tui deploy ${environment} --out-of-order runs ${them}.`,
    );
  }
  if (count('changed') > 0)
    says.push(
      `${quantity(count('changed'), 'file')} edited after being applied. migrate-tui recover ${environment} says what differs.`,
    );
  if (count('orphan') > 0)
    says.push(
      `${quantity(count('orphan'), 'record')} without a file. migrate-tui recover ${environment} says what is known of ${count('orphan') === 1 ? 'it' : 'them'}.`,
    );
  if (count('unrecorded') > 0)
    says.push(
      `${quantity(count('unrecorded'), 'migration')} in the schema without a record. ${isWithoutRecords({ items }) ? `None has one: ${commandLine(['baseline', environment, ...(database === undefined ? [] : ['--database', database])])} finds the place of the history that the schema is` : `migrate-tui recover ${environment} proves it and offers to record`}.`,
    );
  return says;
}

function lockOf(lease: Lease, run: string): LockReport {
  return {
    held: lease.state === 'live' && !isDead(lease) ? 'live' : 'expired',
    run: run.split('.')[0] ?? run,
    by: lease.by,
    host: lease.host,
    since: new Date(lease.since).toISOString(),
    tag: lease.tag,
  };
}

function itemOf(item: HistoryItem, endedAt: number | undefined): StatusItem {
  const at = ('entry' in item ? item.entry.appliedAt : undefined) ?? endedAt;
  return {
    tag: tagOf(item),
    state: item.kind,
    ...(at === undefined || !('entry' in item) ? {} : { appliedAt: new Date(at).toISOString() }),
    ...(item.kind === 'half' ? { after: item.after, of: item.of } : {}),
    ...('migration' in item ? { hash: item.migration.hash } : {}),
  };
}

function itemWithoutFile({ tag, what, done, of }: Unfinished): StatusItem {
  return { tag, state: 'half', ...(what === 'run' && { after: done, of }) };
}

/** It has its record, and a part of what it made is gone. */
function halfIfTakenBack(item: StatusItem, { takenBack = [] }: History): StatusItem {
  return takenBack.some(({ noted }) => noted.tag === item.tag) ? { ...item, state: 'half' } : item;
}

function isApplied({ kind }: HistoryItem): boolean {
  return kind === 'applied' || kind === 'changed';
}
