import { change, count, quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type {
  Cause,
  ColumnEvidence,
  Evidence,
  Loss,
  TableEvidence,
} from '../../operations/evidence/evidence.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';

/** What a rehearsal showed: rows that change with their cause, losses, violations. */
export function evidenceText(evidence: Evidence, style: Style): readonly string[] {
  const rows = evidence.tables.map((each) => tableRow(each));
  const { count: tables, rows: unchanged } = evidence.unchangedTables;
  return [
    `  evidence, database ${shown(evidence.database)}: ${rehearsedOn(evidence)}`,
    ...table(
      rows,
      [{ cut: 'middle' }, { align: 'right' }, { align: 'right' }, { align: 'right' }, { cut: 'end' }],
      style,
    ),
    ...(tables === 0
      ? []
      : [`  ${quantity(tables, 'other table')} with ${quantity(unchanged, 'row')} unchanged`]),
    ...violationsText(evidence, style),
    ...evidence.losses.map((loss) => `  ${style.paint('danger', style.signs.failed)} ${lossText(loss)}`),
  ];
}

/** One sentence, with the flag that would accept it. */
export function lossText(loss: Loss): string {
  const why = `No statement asks for it; likely ${shown(loss.likely)}.`;
  const name = shown(loss.table);
  switch (loss.kind) {
    case 'rows':
      return `${name} loses ${quantity(loss.rows, 'row')}. ${why} (${acceptance(loss)})`;
    case 'nulled':
      return `${name}.${shown(loss.column)} becomes NULL in ${quantity(loss.rows, 'row')}. ${why} (${acceptance(loss)})`;
    case 'values':
      return `${name}.${shown(loss.column)} changes in up to ${quantity(loss.rows, 'row')}. ${why} (${acceptance(loss)})`;
    default:
      return unreachable(loss);
  }
}

/** `--accept-loss orders=12` */
function acceptance(loss: Loss): string {
  return `--accept-loss ${shown(loss.table)}=${loss.rows}`;
}

function rehearsedOn({ rehearsal, rows, backup }: Evidence): string {
  if (rehearsal === 'structure') return 'rehearsed on the schema alone, which proves nothing about rows';
  if (rehearsal === 'in-target') return 'rehearsed on its rows, inside the database itself, which undid it';
  if (rows === 'copy') return 'rehearsed on a copy of its rows';
  return backup === undefined
    ? 'rehearsed on an empty database'
    : `rehearsed on the rows of ${shown(backup)}`;
}

function tableRow(each: TableEvidence): readonly Cell[] {
  const before = each.rowsBefore;
  const after = each.rowsAfter;
  const difference = (after ?? 0) - (before ?? 0);
  return [
    each.table,
    before === undefined ? '-' : count(before),
    after === undefined ? '-' : count(after),
    { text: change(difference), as: difference < 0 ? 'removed' : difference > 0 ? 'added' : 'dim' },
    { text: reasonOf(each), as: 'dim' },
  ];
}

function reasonOf({ causes, columns }: TableEvidence): string {
  const [cause] = causes;
  const changed = columns.flatMap(columnText);
  return [...(cause === undefined ? [] : [causeText(cause)]), ...changed].join('; ');
}

function causeText({ tag, statement, sql }: Cause): string {
  return `${tag} statement ${statement}: ${sql}`;
}

function columnText({ column, values }: ColumnEvidence): readonly string[] {
  switch (values) {
    case 'kept':
    case 'not-comparable':
      return [];
    case 'changed':
    case 'added':
    case 'removed':
      return [`${column} ${values}`];
    default:
      return unreachable(values);
  }
}

function violationsText({ violations }: Evidence, style: Style): readonly string[] {
  if (violations.added.length === 0) return ['  0 new foreign-key violations'];
  return violations.added.map(
    ({ table: child, parent, count: rows }) =>
      `  ${style.paint('danger', style.signs.failed)} ${quantity(rows, 'row')} in ${shown(child)} would point to nothing in ${shown(parent)}`,
  );
}
