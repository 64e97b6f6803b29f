import type { PlanReport } from '../../../operations/reports.ts';
import { destroys, lossWords } from '../../present/evidence.ts';
import { isStale, plannedOf, reportOf, type ReviewState } from './state.ts';

/** The one thing that stands between this page and the change; in the order in which they are asked. */
export type Demand =
  | {
      readonly kind: 'loss';
      readonly table: string;
      readonly rows: number;
      readonly expected: string;
      readonly says: string;
    }
  | { readonly kind: 'reason'; readonly findings: number }
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
  const errors = errorsOf(report).length;
  if (report.protected && errors > 0 && state.given.reason === undefined)
    return { kind: 'reason', findings: errors };
  if (report.protected || destroys(report.evidence ?? []))
    return { kind: 'name', expected: report.environment };
  return { kind: 'key' };
}

/** Why nothing can be confirmed now, short, with the key that leads on. */
export function whyNot(state: ReviewState): string | undefined {
  const report = reportOf(state);
  if (!report) return state.plan.kind === 'error' ? 'r reads again' : 'the plan is being read';
  if (plannedOf(report).length === 0) return 'nothing to deploy';
  if (state.rehearsal.kind === 'running') return 'the dry-run is running';
  const [refusal] = blockingRefusals(report);
  if (isStale(state)) return 't rehearses anew';
  if (refusal) return 'refused, r asks again';
  if (state.rehearsal.kind !== 'rehearsed' || !report.evidence || report.hash === undefined) return 't first';
  return undefined;
}

/** Why the dry-run cannot begin now. */
export function whyNoDryRun(state: ReviewState): string | undefined {
  const report = reportOf(state);
  if (!report) return state.plan.kind === 'error' ? 'r reads again' : 'the plan is being read';
  if (plannedOf(report).length === 0) return 'nothing to deploy';
  if (state.rehearsal.kind === 'running') return 'it is running';
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

/** The words of `migrate-tui` that carry out what is on the page, and nothing else. */
export function deployArguments(state: ReviewState, report: PlanReport, planFile: string): readonly string[] {
  const words = ['deploy', report.environment, '--plan', planFile, '--yes'];
  words.push('--confirm', `${report.environment}@${report.hash ?? ''}`);
  for (const { table, rows } of state.given.losses) words.push('--accept-loss', `${table}=${rows}`);
  if (state.given.reason !== undefined) {
    for (const { rule, tag } of distinct(errorsOf(report))) words.push('--accept', `${rule}:${tag}`);
    words.push('--reason', state.given.reason);
  }
  return demandsTyping(report) ? [...words, '--agreed', 'typed'] : words;
}

/** Whether something was typed before this page went on: a name, a loss or a reason, not only a key. */
function demandsTyping(report: PlanReport): boolean {
  const evidence = report.evidence ?? [];
  return report.protected || destroys(evidence) || lossesOf(report).length > 0;
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

function distinct(findings: PlanReport['findings']): PlanReport['findings'] {
  return [...new Map(findings.map((finding) => [`${finding.rule}:${finding.tag}`, finding])).values()];
}
