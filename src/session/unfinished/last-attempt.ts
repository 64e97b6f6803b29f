import { statementHashes, type Attempt } from '../../operations/diagnosis/attempt.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { Migration } from '../../migrations/migration.ts';
import { withoutValues } from '../../lib/without-values.ts';
import { eventsOf } from '../answers/runs.ts';
import type { Knowledge } from '../knowledge.ts';
import type { KnownUnit } from '../known-rows.ts';
import type { Workspace } from '../workspace.ts';

/** Finds what the ledger and a run's events have of the last run that began a migration; undefined: nothing. */
export type LastAttempt = (migration: Pick<Migration, 'tag' | 'statements'>) => Promise<Attempt | undefined>;

/** Each run's events are read once, however many migrations are asked for. */
export function attemptsIn(
  workspace: Workspace,
  { runs, units }: Knowledge,
  { environment, database }: { readonly environment: string; readonly database: string },
): LastAttempt {
  const here = new Map(runs.filter((run) => run.environment === environment).map((run) => [run.id, run]));
  const ends = new Map<number, Promise<Ends>>();
  const endsOf = (run: number) => {
    const known = ends.get(run) ?? readEnds(workspace, run, database);
    ends.set(run, known);
    return known;
  };
  return async ({ tag, statements }) => {
    const own = new Set(statementHashes(statements));
    const unit = units.findLast((each) => {
      if (each.database !== database || each.tag !== tag) return false;
      const operation = here.get(each.run)?.operation ?? '';
      if (isTakenBack(operation, each)) return true;
      // A way out may have put records right only; one that ran statements of the file began it again.
      return runsFiles.has(operation) || (operation === 'recover' && runsAnyOf(each.statementHashes, own));
    });
    const run = unit && here.get(unit.run);
    if (!run || isTakenBack(run.operation, unit)) return undefined;
    const outcome = outcomeOf(unit.outcome);
    const end = outcome === 'committed' ? undefined : (await endsOf(run.id)).get(tag);
    const isWhole = runsFiles.has(run.operation);
    return {
      run: run.id,
      operation: run.operation,
      by: run.by,
      host: run.host,
      at: new Date(unit.beganAt).toISOString(),
      outcome,
      ...(end && told(end, isWhole ? asItIs : placeIn(statementHashes(statements), unit.statementHashes))),
      ...(isWhole && unit.statementHashes && { statementHashes: unit.statementHashes }),
    };
  };
}

/** What began it before is of no account then. */
function isTakenBack(operation: string, { outcome }: Pick<KnownUnit, 'outcome'>): boolean {
  return operation === 'rollback' && outcome === 'committed';
}

/** The operations that run a file as it is. */
const runsFiles = new Set(['deploy', 'apply']);

function runsAnyOf(hashes: readonly string[] = [], own: ReadonlySet<string>): boolean {
  return hashes.some((hash) => own.has(hash));
}

function told({ statement, underWay, ...end }: End, placeOf: (number: number) => number | undefined): AsTold {
  const place = statement ?? (underWay === undefined ? undefined : placeOf(underWay));
  return { ...end, ...(place !== undefined && { statement: place }) };
}

const asItIs = (number: number) => number;

/** A way out counts the statements that it runs itself: its number is that of another one in the file, or of none. */
function placeIn(
  file: readonly string[],
  ran: readonly string[] = [],
): (number: number) => number | undefined {
  return (number) => {
    const places = file.flatMap((each, at) => (each === ran[number - 1] ? [at + 1] : []));
    return places.length === 1 ? places[0] : undefined;
  };
}

function outcomeOf(outcome: string | null): Attempt['outcome'] {
  if (outcome === null) return 'cut-off';
  return outcome === 'committed' || outcome === 'undone' || outcome === 'half' ? outcome : 'unknown';
}

type AsTold = Pick<Attempt, 'statement' | 'error'>;

interface End extends AsTold {
  /** The number of the statement that had begun last, among those that the run was given. */
  readonly underWay?: number;
}

/** By tag, where each migration of a run ended. */
type Ends = ReadonlyMap<string, End>;

async function readEnds(workspace: Workspace, run: number, database: string): Promise<Ends> {
  const ends = new Map<string, End>();
  try {
    for await (const event of eventsOf(workspace, run, { until: 'now' })) {
      if ('database' in event && event.database === database) note(ends, event);
    }
  } catch {
    // They only add to the ledger, which may be shared by machines that do not have them; the last line may be cut off.
  }
  return ends;
}

function note(ends: Map<string, End>, event: RunEvent): void {
  if (event.kind === 'statement' && event.step === 'migrate') {
    if (event.phase === 'begun') ends.set(event.tag, { underWay: event.number });
    else ends.delete(event.tag);
  }
  if (event.kind !== 'step-failed' || event.step !== 'migrate' || event.tag === undefined) return;
  const { statement } = event;
  ends.set(event.tag, {
    ...(statement === undefined ? ends.get(event.tag) : { statement }),
    error: withoutValues(event.message),
  });
}
