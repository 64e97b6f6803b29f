import { hostname } from 'node:os';
import type { Ledger, LedgerCheck } from '../ledger/ledger.ts';
import { MigrateError } from '../lib/errors.ts';
import { sentences, stopped } from '../lib/sentences.ts';
import { some } from '../migrations/some.ts';
import { operations, type Operation } from '../operations/events.ts';
import type { RunSummary } from '../operations/reports.ts';
import { fateOf } from '../runs/lock/run-key.ts';
import { knownRows, type KnownRun, type KnownUnit } from './known-rows.ts';
import type { Workspace } from './workspace.ts';

/** What the ledger knows; empty when there is no ledger. */
export interface Knowledge {
  /** Newest first. */
  readonly runs: readonly KnownRun[];
  readonly units: readonly KnownUnit[];
  readonly checks: readonly LedgerCheck[];
}

/**
 * What of it is damaged is left out, and is among what the workspace says with its answer.
 *
 * @throws MigrateError `storage` when it cannot be read
 */
export async function readKnowledge(workspace: Workspace): Promise<Knowledge> {
  const ledger = await workspace.openLedger('read');
  if (!ledger) return nothingKnown;
  await using open: Ledger = ledger;
  const { unreadable, ...known } = knownRows({
    runs: await open.runs(),
    units: await open.units(),
    checks: await open.lastChecks(),
  });
  if (unreadable.length > 0) workspace.notices.add(sayUnreadable(workspace.places.ledger, unreadable));
  return known;
}

function sayUnreadable(ledger: string, unreadable: readonly string[]): string {
  return sentences({
    message: `The ledger of runs, ${ledger}, is damaged: ${some(unreadable)} cannot be read, and this answer goes without. The rest of it is used.`,
    next: 'Put it back from a copy of yours, or leave it: new runs are recorded in it as ever.',
  });
}

/**
 * For what the targets themselves answer, and the ledger only adds to: one that cannot be read stops no such question,
 * and is among what the workspace says with its answer.
 */
export async function knowledgeAtHand(workspace: Workspace): Promise<Knowledge> {
  try {
    return await readKnowledge(workspace);
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'storage') throw error;
    workspace.notices.add(
      sentences({ message: `${stopped(error.message)} ${withoutLedger}`, next: error.next }),
    );
    return nothingKnown;
  }
}

const nothingKnown: Knowledge = { runs: [], units: [], checks: [] };
const withoutLedger =
  'This answer is from the files and the databases alone: who ran what, and what was compared before, is not in it.';

/** When and how fast a migration was committed in an environment by us; the last time counts. */
export function unitOf(
  { runs, units }: Knowledge,
  {
    environment,
    database,
    tag,
  }: { readonly environment: string; readonly database: string; readonly tag: string },
): KnownUnit | undefined {
  const there = new Map(
    runs.filter((run) => run.environment === environment).map((run) => [run.id, run.operation]),
  );
  const last = units.findLast(
    (unit) =>
      unit.tag === tag && unit.database === database && unit.outcome === 'committed' && there.has(unit.run),
  );
  // Taken back since: whoever applied it again was not we.
  return last && there.get(last.run) === 'rollback' ? undefined : last;
}

/**
 * The hash that each migration had when this program applied it, by tag: for tracking tables that keep none.
 * What was applied before a restore says nothing of what is there now.
 */
export function knownHashes(
  { runs, units }: Knowledge,
  { environment, database }: { readonly environment: string; readonly database: string },
): ReadonlyMap<string, string> {
  const here = runs.filter((run) => run.environment === environment);
  // Whether it ended well or not: from when it was begun on, what is there may be the backup's.
  const begun = new Set(units.filter((unit) => unit.database === database).map(({ run }) => run));
  const restored = Math.max(
    0,
    ...here
      .filter(
        ({ id, operation, outcome }) =>
          (operation === 'restore' || operation === 'resync') && (outcome === 'done' || begun.has(id)),
      )
      .map(({ id }) => id),
  );
  const there = new Set(here.map(({ id }) => id).filter((id) => id > restored));
  const applied = units.filter(
    (unit) => unit.database === database && unit.outcome === 'committed' && there.has(unit.run),
  );
  return new Map(applied.map(({ tag, hash }) => [tag, hash]));
}

/** A ledger row as the reports show it, with what became of its process. */
export function summarise(run: KnownRun, units: readonly KnownUnit[]): RunSummary {
  const own = units.filter((unit) => unit.run === run.id);
  const inside = own.find(({ outcome }) => outcome === null);
  return {
    run: run.id,
    operation: operationOf(run.operation),
    environment: run.environment,
    databases: run.databases,
    startedAt: iso(run.startedAt),
    finishedAt: run.finishedAt === null ? undefined : iso(run.finishedAt),
    outcome: outcomeOf(run),
    exitCode: run.exitCode ?? undefined,
    by: run.by,
    host: run.host,
    version: run.version,
    git: run.git ?? undefined,
    applied: own.filter(({ hash }) => hash !== '').flatMap(committed),
    ...(run.operation === 'rollback' && { undone: own.flatMap(committed) }),
    inside: inside && { database: inside.database, tag: inside.tag },
    backup: run.backup ?? undefined,
    confirmed: confirmedIn(run.confirmation),
    message: run.message ?? undefined,
  };
}

function committed({
  database,
  tag,
  outcome,
  took,
  statementHashes,
}: KnownUnit): readonly RunSummary['applied'][number][] {
  if (outcome !== 'committed') return [];
  return [{ database, tag, statements: statementHashes?.length ?? 0, took: took ?? 0 }];
}

function outcomeOf(run: KnownRun): RunSummary['outcome'] {
  if (run.finishedAt !== null) return ended.find((outcome) => outcome === run.outcome) ?? 'failed';
  const fate = fateOf(run.key);
  // On another machine nothing tells whether the process lives; the lease in the target does.
  return fate === 'alive' || (fate === 'unknown' && run.host !== hostname()) ? 'running' : 'cut-off';
}

const ended = ['done', 'stopped', 'refused', 'rehearsed'] as const;

function operationOf(text: string): Operation {
  return operations.find((operation) => operation === text) ?? 'deploy';
}

function confirmedIn(confirmation: KnownRun['confirmation']): RunSummary['confirmed'] {
  if (confirmation === undefined) return undefined;
  const text = (key: string) => {
    const value = confirmation[key];
    return typeof value === 'string' ? value : '';
  };
  const { without, reason, accepted } = acceptedIn(confirmation);
  const letThrough = [...accepted, ...without.map((step) => `without ${step}`)];
  return {
    by: text('by'),
    how: text('how'),
    hash: text('hash'),
    at: text('at'),
    ...(letThrough.length > 0 && { accepted: letThrough }),
    ...(reason !== undefined && { reason }),
  };
}

/** What a recorded confirmation let through. */
export function acceptedIn(confirmation: KnownRun['confirmation']): {
  readonly without: readonly string[];
  readonly reason: string | undefined;
  /** `RULE:TAG` and `TABLE=ROWS`, as the flags name them. */
  readonly accepted: readonly string[];
} {
  const { without, reason, accept, acceptLoss } = confirmation ?? {};
  return {
    without: Array.isArray(without) ? without.map(String) : [],
    reason: typeof reason === 'string' ? reason : undefined,
    accepted: [...namedIn(accept), ...namedIn(acceptLoss)],
  };
}

function namedIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return [];
    if ('rule' in each && 'tag' in each) return [`${String(each.rule)}:${String(each.tag)}`];
    return 'table' in each && 'rows' in each ? [`${String(each.table)}=${String(each.rows)}`] : [];
  });
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
