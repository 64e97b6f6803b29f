import { quantity } from '../../lib/numbers.ts';
import type { QueryReport } from '../../operations/reports.ts';
import type { Style } from '../output/style.ts';
import { table } from '../output/table.ts';

/** The rows as a table; NULL and blobs are told from text. */
export function queryText(report: QueryReport, style: Style): readonly string[] {
  const numeric = report.columns.map((_, at) =>
    report.rows.every((row) => row[at] === null || typeof row[at] === 'number'),
  );
  const cells = report.rows.map((row) => row.map(valueText));
  return [
    ...table(
      [report.columns.map((text) => ({ text, as: 'dim' as const })), ...cells],
      numeric.map((isNumber) => ({ align: isNumber ? 'right' : 'left' })),
      { ...style, width: undefined },
    ),
    `${quantity(report.rows.length, 'row')}${report.truncated ? '; there are more than are shown' : ''}`,
  ];
}

function valueText(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? '';
}
