import type { RunReport, RunSummary, RunsReport } from '../../../operations/reports.ts';
import type { Filter } from '../filter.ts';
import type { Asked } from '../page.ts';

/** The list of runs, and the one under the cursor in full. */
export interface RunsState {
  readonly environment: string | undefined;
  readonly runs: Asked<RunsReport>;
  readonly filter: Filter;
  readonly cursor: number;
  readonly top: number;
  readonly detail: RunReport | undefined;
}

export function shownRuns({ runs, filter }: RunsState): readonly RunSummary[] {
  if (runs.kind !== 'answered') return [];
  const wanted = filter.text.toLowerCase();
  if (wanted === '') return runs.report.runs;
  return runs.report.runs.filter((run) => wordsOf(run).includes(wanted));
}

function wordsOf({ run, operation, environment, by, host, outcome, applied }: RunSummary): string {
  const tags = applied.map(({ tag }) => tag).join(' ');
  return `${run} ${operation} ${environment} ${by}@${host} ${outcome} ${tags}`.toLowerCase();
}

export function runUnderCursor(state: RunsState): RunSummary | undefined {
  return shownRuns(state)[state.cursor];
}
