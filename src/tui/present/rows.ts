import { change, count, quantity } from '../../lib/numbers.ts';
import type { Signs } from '../../lib/signs.ts';
import { toneOf } from './evidence.ts';
import { columns } from './layout.ts';
import { say, type Line } from './line.ts';
import type { RowCount, RunView } from './run-view.ts';

/** Rows before and after, a table a row: counted in the target where verify did, else as the dry-run saw them. */
export function rowLines(signs: Signs, view: RunView, width: number): readonly Line[] {
  const name = Math.max(12, width - 3 * figure - 1);
  const unchanged = view.evidence.reduce((sum, { unchangedTables }) => sum + unchangedTables.count, 0);
  const rows = view.evidence.reduce((sum, { unchangedTables }) => sum + unchangedTables.rows, 0);
  return [
    ...countsOf(view).map((one) => rowLine(signs, one, name)),
    ...(unchanged > 0
      ? [rowLine(signs, { table: quantity(unchanged, 'other table'), before: rows, after: rows }, name)]
      : []),
  ];
}

/** Where the columns of `rowLines` begin, for the rule above them. */
export function rowTitles(
  view: RunView,
  width: number,
): readonly { readonly at: number; readonly title: string }[] {
  const name = Math.max(12, width - 3 * figure - 1);
  const before = view.rows.length > 0 ? 'before' : 'dry-run, before';
  return [
    { at: 3, title: 'rows' },
    { at: name + figure - before.length, title: before },
    { at: name + 2 * figure - 'after'.length, title: 'after' },
    { at: name + 3 * figure - 'change'.length, title: 'change' },
  ];
}

/** Each change of a row count with the statement that asks for it. */
export function causeSentences(view: RunView): readonly string[] {
  return countsOf(view).flatMap(({ table, before = 0, after = 0 }) => {
    if (after >= before) return [];
    const cause = view.evidence
      .flatMap(({ tables }) => tables)
      .find((one) => one.table === table)
      ?.causes.find(({ verb }) => verb === 'delete' || verb === 'drop');
    const asked = cause ? `asked for by statement ${cause.statement} of ${cause.tag}` : 'accepted by name';
    return [`${table} ${change(after - before)}: ${asked}, seen in the dry-run and confirmed`];
  });
}

export function countsOf(view: RunView): readonly RowCount[] {
  if (view.rows.length > 0) return view.rows;
  return view.evidence.flatMap(({ tables }) =>
    tables.map(({ table, rowsBefore, rowsAfter }) => ({ table, before: rowsBefore, after: rowsAfter })),
  );
}

const figure = 12;

function rowLine(signs: Signs, { table, before, after }: RowCount, name: number): Line {
  const difference = (after ?? 0) - (before ?? 0);
  const tone = toneOf(difference);
  return columns(signs, [
    { content: `  ${table}`, width: name, cut: 'middle' },
    { content: before === undefined ? '-' : count(before), width: figure, align: 'right' },
    { content: after === undefined ? '-' : count(after), width: figure, align: 'right' },
    { content: [say(change(difference), tone)], width: figure, align: 'right' },
  ]);
}
