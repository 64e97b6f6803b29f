import type { PlanReport } from '../../../operations/reports.ts';
import { destroys } from '../../present/evidence.ts';
import { wayArguments } from '../../present/way-out.ts';
import type { ChosenWay } from '../../screen.ts';
import { errorsOf, lossesOf } from './demands.ts';
import type { ReviewState } from './state.ts';
import { isUnproven, overwrites } from './way.ts';

/**
 * The words of `migrate-tui` that carry out what is on the page, and nothing else.
 *
 * @param planFile what was rehearsed; a way out that only puts records right has none
 */
export function confirmedArguments(
  { way, given }: Pick<ReviewState, 'way' | 'given'>,
  report: PlanReport,
  planFile: string | undefined,
): readonly string[] {
  const words = [
    ...(way ? wayArguments(report.environment, way) : ['deploy', report.environment]),
    ...(planFile === undefined ? [] : ['--plan', planFile]),
    '--yes',
    ...named(report),
  ];
  for (const { table, rows } of given.losses) words.push('--accept-loss', `${table}=${rows}`);
  if (given.reason !== undefined) words.push(...accepted(way, report), '--reason', given.reason);
  return demandsTyping(way, report) ? [...words, '--agreed', 'typed'] : words;
}

/** Bound to the evidence where there is some; a protected environment is named in any case. */
function named({ environment, hash, protected: isProtected }: PlanReport): readonly string[] {
  if (hash !== undefined) return ['--confirm', `${environment}@${hash}`];
  return isProtected ? ['--confirm', environment] : [];
}

function accepted(way: ChosenWay | undefined, report: PlanReport): readonly string[] {
  const rules = errorsOf(report).map(({ rule, tag }) => `${rule}:${tag}`);
  const unproven = way && isUnproven(way) ? [`data-unproven:${way.found.tag}`] : [];
  return [...new Set([...rules, ...unproven])].flatMap((one) => ['--accept', one]);
}

/** Whether something was typed before this page went on: a name, a loss or a reason, not only a key. */
function demandsTyping(way: ChosenWay | undefined, report: PlanReport): boolean {
  return (
    report.protected ||
    destroys(report.evidence ?? []) ||
    lossesOf(report).length > 0 ||
    (way !== undefined && (overwrites(way) || isUnproven(way)))
  );
}
