import type { Signs } from '../../../lib/signs.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { Column, Grid, GridRow } from './grid.ts';
import { rowName } from './matrix.ts';
import { itemIn, itemSays, nextSentence } from './sentences.ts';
import type { KnownMigration } from './state.ts';
import { statementLines } from './statements.ts';
import { findingLines, whereLines } from './where.ts';

export interface DetailView {
  readonly grid: Grid;
  readonly row: GridRow | undefined;
  readonly column: Column | undefined;
  /** Of the column. */
  readonly index: number;
  /** What was read about the migration; undefined until it came. */
  readonly known: KnownMigration | undefined;
  /** Why `d` does not work on this environment now. */
  readonly blocked: string | undefined;
  readonly now: number;
  readonly width: number;
  readonly height: number;
  readonly place: 'below' | 'beside';
}

/** The part that follows the cursor: its rule, the SQL with a sign per statement, where else, and what to do. */
export function detailLines(signs: Signs, view: DetailView): readonly Line[] {
  const { width, height, row } = view;
  if (height <= 0) return [];
  const head = rule(signs, width, titles(view));
  const sentence = paragraph(nextSentence(view), { width });
  if (height < 9 || view.column === undefined) return [head, ...sentence].slice(0, height);
  const said = sentence.slice(0, 4);
  const room = height - 3 - said.length;
  const middle = row?.kind === 'migration' || row?.kind === 'orphan' ? bodyLines(signs, view, room) : [];
  return [head, [], ...middle, ...(middle.length > 0 ? [[]] : []), ...said].slice(0, height);
}

function titles({ row, column, index, now, width }: DetailView): Parameters<typeof rule>[2] {
  if (column === undefined) return [];
  const { name } = column.environment;
  if (row === undefined) return [{ at: 3, title: name }];
  const title = row.kind === 'fold' ? rowName(row) : `${rowName(row)} in ${name}`;
  const item = itemIn(row, index);
  const behind = 3 + title.length + 4;
  const says = item === undefined ? '' : itemSays(item, { now, room: width - behind - 2 });
  return says === ''
    ? [{ at: 3, title }]
    : [
        { at: 3, title },
        { at: behind, title: says, tone: 'text' },
      ];
}

/** SQL at the left, where else it is applied and the findings at the right; one under the other where it is narrow. */
function bodyLines(signs: Signs, view: DetailView, height: number): readonly Line[] {
  const { width } = view;
  const two = view.place === 'below' && width >= 100;
  if (!two) return stacked(signs, view, height);
  const left = Math.min(74, width - 44);
  const sideWidth = width - left - 2;
  const side = sideLines(signs, view, { width: sideWidth, height });
  const sql = statementLines(signs, view, { width: left, height });
  const rows = Math.min(height, Math.max(sql.length, side.length));
  return Array.from({ length: rows }, (_one, at) =>
    columns(signs, [
      { content: sql[at] ?? '', width: left },
      { content: '', width: 2 },
      { content: side[at] ?? '', width: sideWidth },
    ]),
  );
}

interface Area {
  readonly width: number;
  readonly height: number;
}

/** Where else it is, then what was found in it. Of many environments some are named: no finding is pushed out of sight. */
function sideLines(signs: Signs, view: DetailView, { width, height }: Area): readonly Line[] {
  const findings = findingLines(signs, view.known, width);
  const found = findings.length === 0 ? [] : [[], ...findings];
  return [...whereLines(signs, view, { width, most: Math.max(3, height - found.length) }), ...found];
}

/** The SQL above, what else there is to know of it below. */
function stacked(signs: Signs, view: DetailView, height: number): readonly Line[] {
  const width = view.width - 4;
  if (height < 12) return stackedShort(signs, view, { width, height });
  const whole = sideLines(signs, view, { width, height: Infinity }).length;
  const room = Math.max(3, height - Math.min(whole, Math.floor(height / 2)) - 1);
  const sql = statementLines(signs, view, { width: view.width, height: room });
  const above = [...sql, ...(sql.length > 0 ? [[]] : [])];
  const side = sideLines(signs, view, { width, height: height - above.length });
  return [...above, ...indented(side)].slice(0, height);
}

/** Where there is little room the SQL gives way to what was found in it, and gets the rows that are left. */
function stackedShort(signs: Signs, view: DetailView, { width, height }: Area): readonly Line[] {
  const findings = findingLines(signs, view.known, width);
  const side = findings.length > 0 ? findings : sideLines(signs, view, { width, height });
  const free = height - side.length - 1;
  // One row would say no more than that there are statements.
  const sql = free < 2 ? [] : statementLines(signs, view, { width: view.width, height: free });
  return [...sql, ...(sql.length > 0 ? [[]] : []), ...indented(side)].slice(0, height);
}

function indented(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => [say('  '), ...line]);
}
