import type { PlanReport } from '../../../operations/reports.ts';
import type { SqlOf } from '../../present/migration-sql.ts';
import type { RunView } from '../../present/run-view.ts';
import type { ChosenWay } from '../../screen.ts';

/** A run that ended well, as a record. */
export interface FinishedState {
  readonly environment: string;
  /** The way out that it took. */
  readonly way: ChosenWay | undefined;
  readonly view: RunView;
  readonly sql: SqlOf;
  /** What may run next there; undefined until it was read. */
  readonly next: PlanReport | undefined;
  readonly top: number;
}
