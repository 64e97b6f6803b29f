import { count, quantity } from '../../../lib/numbers.ts';
import { moment } from '../../../lib/time.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import type { ChosenWay } from '../../screen.ts';
import { waySentence } from './way-lines.ts';
import { lossesOf } from './demands.ts';
import { plannedOf } from './state.ts';

/** The review as a file for a ticket: names and counts, never row values. */
export function exportText(report: PlanReport, way: ChosenWay | undefined): string {
  const planned = plannedOf(report);
  const rehearsed =
    report.rehearsedAt === undefined
      ? 'Not rehearsed yet.'
      : `Rehearsed ${moment(report.rehearsedAt, { year: 'with' })}, hash ${report.hash ?? 'unknown'}.`;
  return [
    way
      ? `# ${waySentence(way, report)}`
      : `# Deploy to ${report.environment}: ${quantity(planned.length, 'migration')}`,
    '',
    rehearsed,
    '',
    ...(way
      ? [`${way.found.tag}: ${way.found.verdict}. ${way.option.why}`]
      : planned.map(
          ({ database, tag, statements }) => `- ${database} ${tag}: ${quantity(statements, 'statement')}`,
        )),
    ...section(
      'Rows',
      (report.evidence ?? []).flatMap(({ tables }) => tables.map(rowsOf)),
    ),
    ...section(
      'Losses that no statement asks for',
      lossesOf(report).map(({ table, says }) => `${table} ${says}`),
    ),
    ...section(
      'Findings',
      report.findings.map(
        ({ severity, tag, statement, message }) => `${severity}, ${tag} statement ${statement}: ${message}`,
      ),
    ),
    ...section(
      'Refused because',
      report.refusals.map(({ message }) => message),
    ),
    '',
  ].join('\n');
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', `## ${title}`, '', ...items.map((item) => `- ${item}`)];
}

function rowsOf({
  table,
  rowsBefore,
  rowsAfter,
}: {
  table: string;
  rowsBefore?: number;
  rowsAfter?: number;
}): string {
  const figure = (rows: number | undefined): string => (rows === undefined ? 'not there' : count(rows));
  return `${table}: ${figure(rowsBefore)} before, ${figure(rowsAfter)} after`;
}
