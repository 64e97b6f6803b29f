import type { PlanReport } from '../../../operations/reports.ts';
import { destroys, lossWords } from '../../present/evidence.ts';
import type { ChosenWay } from '../../screen.ts';
import { isStale, plannedOf, reportOf, type ReviewState } from './state.ts';
import { isUnproven, overwrites, rehearses } from './way.ts';

/** The one thing that stands between this page and the change; in the order in which they are asked. */
export type Demand =
  | {
      readonly kind: 'loss';
      readonly table: string;
      readonly rows: number;
      readonly expected: string;
      readonly says: string;
    }
  /** `findings`: errors on a protected environment. `unproven`: nobody can say whether the data of a migration is right. */
  | { readonly kind: 'reason'; readonly because: 'findings' | 'unproven'; readonly findings: number }
  | { readonly kind: 'name'; readonly expected: string }
  | { readonly kind: 'key' };

/** Undefined while nothing can be confirmed yet: `whyNot` says why. */
export function demandOf(state: ReviewState): Demand | undefined {
  const report = reportOf(state);
  if (!report || whyNot(state) !== undefined) return undefined;
  const loss = lossesOf(report).find(
    ({ table }) => !state.given.losses.some((given) => given.table === table),
  );
  if (loss) return { kind: 'loss', ...loss, expected: `${loss.table}=${loss.rows}` };
  const because = reasonFor(state, report);
  if (because !== undefined && state.given.reason === undefined)
    return { kind: 'reason', because, findings: errorsOf(report).length };
  if (report.protected || destroys(report.evidence ?? []) || (state.way && overwrites(state.way)))
    return { kind: 'name', expected: report.environment };
  return { kind: 'key' };
}

function reasonFor({ way }: ReviewState, report: PlanReport): 'findings' | 'unproven' | undefined {
  if (report.protected && errorsOf(report).length > 0) return 'findings';
  return way && isUnproven(way) ? 'unproven' : undefined;
}

/** Why nothing can be confirmed now, short, with the key that leads on. */
export function whyNot(state: ReviewState): string | undefined {
  const report = reportOf(state);
  if (!report) return state.plan.kind === 'error' ? 'r reads again' : 'the plan is being read';
  if (plannedOf(report).length === 0) return 'nothing to deploy';
  if (state.rehearsal.kind === 'running') return 'the dry-run is running';
  const [refusal] = blockingRefusals(report);
  if (isStale(state)) return state.way ? whyStale(state.way) : 't rehearses anew';
  if (refusal) return 'refused, r asks again';
  if (state.way && !rehearses(state.way)) return undefined;
  if (state.rehearsal.kind !== 'rehearsed' || !report.evidence || report.hash === undefined) return 't first';
  return undefined;
}

function whyStale(way: ChosenWay): string {
  return rehearses(way) ? 't rehearses anew' : 'refused, r asks again';
}

/** Why the dry-run cannot begin now. */
export function whyNoDryRun(state: ReviewState): string | undefined {
  const report = reportOf(state);
  if (!report) return state.plan.kind === 'error' ? 'r reads again' : 'the plan is being read';
  if (plannedOf(report).length === 0) return 'nothing to deploy';
  if (state.rehearsal.kind === 'running') return 'it is running';
  if (state.way && !rehearses(state.way)) return 'no statement of a migration is run';
  return blockingRefusals(report).some(({ code }) => code !== 'target-changed')
    ? 'refused, r asks again'
    : undefined;
}

/** Those that typing cannot pass: missing names, losses and errors have their own demand. */
export function blockingRefusals(report: PlanReport): PlanReport['refusals'] {
  const hasErrors = errorsOf(report).length > 0;
  return report.refusals.filter(
    ({ code }) => code !== 'not-confirmed' && code !== 'rows-lost' && !(code === 'protected' && hasErrors),
  );
}

/** One number a table accepts all that it loses, so it is the largest of them. */
export function lossesOf(report: PlanReport): readonly { table: string; rows: number; says: string }[] {
  const losses = (report.evidence ?? []).flatMap((evidence) => evidence.losses);
  return [...Map.groupBy(losses, ({ table }) => table)].map(([table, of]) => ({
    table,
    rows: Math.max(...of.map(({ rows }) => rows)),
    says: of.map(lossWords).join(' and '),
  }));
}

export function errorsOf(report: PlanReport): PlanReport['findings'] {
  return report.findings.filter(({ severity }) => severity === 'error');
}
