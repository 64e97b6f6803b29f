import type { DatabaseNow } from '../../operations/incident/incident.ts';
import { summarise, type Knowledge } from '../knowledge.ts';

interface Place {
  readonly environment: string;
  readonly databases: readonly string[];
}

/**
 * The run that an incident in an environment goes back to: the one that began what is unfinished now, else the newest
 * that did not end well, else the newest that put something right.
 *
 * @returns undefined when the ledger knows of none
 */
export function incidentRun(
  knowledge: Knowledge,
  place: Place,
  now: readonly DatabaseNow[],
): number | undefined {
  const runs = changing(knowledge, place);
  const known = new Set(runs.map(({ run }) => run));
  const cases = now.flatMap((one) => (one.kind === 'read' ? one.cases : []));
  const began = cases.flatMap(({ attempt }) => (attempt && known.has(attempt.run) ? [attempt.run] : []));
  if (began.length > 0) return Math.max(...began);
  // Whatever is unfinished, none of these runs began it.
  if (cases.some(({ statements }) => statements !== undefined)) return undefined;
  const moving = runs.filter(({ exitCode }) => exitCode !== refused);
  const ill = moving.find(({ outcome }) => outcome !== 'done');
  return (ill ?? moving.find(({ operation }) => operation === 'recover' || operation === 'restore'))?.run;
}

/** The runs that changed or tried to change the same databases after a run, oldest first. */
export function runsAfter(knowledge: Knowledge, place: Place, run: number): readonly number[] {
  return changing(knowledge, place)
    .map((one) => one.run)
    .filter((one) => one > run)
    .toReversed();
}

function changing({ runs, units }: Knowledge, { environment, databases }: Place) {
  return runs
    .filter((run) => run.environment === environment && operations.has(run.operation))
    .filter((run) => run.databases.some((name) => databases.includes(name)))
    .map((run) => summarise(run, units));
}

const operations = new Set([
  'deploy',
  'apply',
  'rollback',
  'restore',
  'recover',
  'mark',
  'baseline',
  'tidy',
  'reset',
  'push',
  'resync',
]);

/** Nothing was changed, as somebody did not agree or a rule said no. */
const refused = 4;
