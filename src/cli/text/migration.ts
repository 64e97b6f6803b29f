import { duration, quantity } from '../../lib/numbers.ts';
import { safe } from '../../lib/safe-text.ts';
import { agoAndMoment } from '../../lib/time.ts';
import type { MigrationReport, NotRewritten, RewrittenMigration } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';
import { findingsText } from './findings.ts';
import { itemCell } from './words.ts';

/** One migration: its file, where it is applied, its SQL with numbers, its findings. */
export function migrationText(report: MigrationReport, style: Style): readonly string[] {
  const { rollback, verify } = report.companions;
  return [
    `${shown(report.tag)}, database ${shown(report.database)}, ${quantity(report.statements.length, 'statement')}`,
    `  file      ${shown(report.file)}`,
    `  hash      ${shown(report.hash)}`,
    `  rollback  ${rollback === undefined ? 'no file' : shown(rollback)}`,
    `  verify    ${verify === undefined ? 'no file' : shown(verify)}`,
    '',
    ...table(
      report.environments.map((each): readonly Cell[] => [
        each.environment,
        itemCell(each.state, style),
        each.appliedAt === undefined ? '' : agoAndMoment(each.appliedAt, style.now),
        each.took === undefined ? '' : `took ${duration(each.took)}`,
      ]),
      [{ cut: 'middle' }],
      style,
    ),
    '',
    ...report.statements.flatMap(({ number, sql }) => statementText(number, sql)),
    ...(report.findings.length === 0 ? [] : ['', ...findingsText(report.findings, style)]),
  ];
}

function statementText(number: number, sql: string): readonly string[] {
  const lines = safe(sql, { lines: 'many' }).split('\n');
  return lines.map((line, index) => `${(index === 0 ? String(number) : '').padStart(5)}  ${line}`.trimEnd());
}

/** What a rewritten migration keeps, and how to put it in place. */
export function keepsText(
  report: MigrationReport,
  { environment, keeps }: RewrittenMigration,
  { paint, command }: Style,
): readonly string[] {
  const named = shown(command(['migration', report.tag, '--keep-children', environment, '--write']));
  return [
    `${shown(report.tag)}, rewritten for the tables of ${shown(environment)}:`,
    ...keeps.map(({ table, why }) => `  ${paint('accent', shown(table))}  ${shown(why)}`),
    `${shown(report.file)} is as before. To put this in its place: ${named}`,
  ];
}

/** Where the text of before is, and what is next. */
export function writtenText(
  report: MigrationReport,
  { environment, keeps, written }: RewrittenMigration,
  { paint, signs, command }: Style,
): readonly string[] {
  return [
    `${paint('ok', signs.done)} ${shown(report.file)} is rewritten for the tables of ${shown(environment)}.`,
    ...keeps.map(({ table, why }) => `    ${paint('accent', shown(table))}  ${shown(why)}`),
    `  before      ${shown(written?.before ?? '')}`,
    `  next        ${shown(command(['dry-run', environment]))}`,
  ];
}

export function notRewrittenText(
  { tag, file }: MigrationReport,
  { reason, why }: NotRewritten,
): readonly string[] {
  return reason === 'not-needed'
    ? [`${shown(tag)} can stay as it is. ${shown(why)}`]
    : [`${shown(tag)} cannot be rewritten. ${shown(why)}`, `${shown(file)} is as before.`];
}
