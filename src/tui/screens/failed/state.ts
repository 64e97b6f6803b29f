import type { TagOf } from '../../../operations/events.ts';
import type { StatusReport, VerifyReport } from '../../../operations/reports.ts';
import type { Meant } from '../../app/bookkeeping.ts';
import { isHalfFinished } from '../../app/jobs.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import type { SqlOf } from '../../present/migration-sql.ts';
import type { Outcome, RunView } from '../../present/run-view.ts';

/** A run that ended before its end, and what was read back from its target since. */
export interface FailedState {
  readonly environment: string;
  readonly view: RunView;
  /** The words of the change that it was, when it was one without a rehearsal. */
  readonly change: readonly string[] | undefined;
  readonly sql: SqlOf;
  readonly readBack: ReadBack;
  readonly top: number;
}

export type ReadBack =
  | {
      readonly kind: 'reading';
      readonly status: StatusReport | undefined;
      readonly verify: VerifyReport | undefined;
    }
  | {
      readonly kind: 'read';
      readonly status: StatusReport;
      readonly verify: VerifyReport | undefined;
      readonly at: number;
    }
  | { readonly kind: 'unknown'; readonly error: MigrateErrorView };

export function failureOf({ outcome }: RunView): Extract<Outcome, { kind: 'failed' }> | undefined {
  return outcome.kind === 'failed' ? outcome : undefined;
}

/** What the target's own records say of a migration now. */
export function recordedState({ readBack }: FailedState, database: string, tag: string): string | undefined {
  if (readBack.kind === 'unknown' || !readBack.status) return undefined;
  const target = readBack.status.environments[0]?.targets.find((one) => one.database === database);
  return target?.items.find((item) => item.tag === tag)?.state;
}

/** Something of it stayed, its lock is still there, it was a way out itself, or it is not known: then the target is looked at. */
export function hasWaysOut({ readBack: known, view }: FailedState): boolean {
  if (known.kind === 'unknown') return true;
  const status = known.status?.environments[0];
  return (
    isHalfFinished({ status }) ||
    view.operation === 'recover' ||
    (status?.targets.some(({ lock }) => lock !== undefined) ?? false)
  );
}

/** It goes back: what it left is taken back, not applied again. */
export function isRollback({ view }: FailedState): boolean {
  return view.operation === 'rollback';
}

/** The oldest that was still to be taken back: all that came after it goes with it. */
export function leftToTakeBack(state: FailedState): TagOf | undefined {
  if (!isRollback(state)) return undefined;
  const failure = failureOf(state.view);
  return failure?.notBegun.at(-1) ?? failure?.failed;
}

export function meantBy({ environment }: FailedState, { tag }: TagOf): Meant {
  return { environment, item: { tag, state: 'applied' } };
}
