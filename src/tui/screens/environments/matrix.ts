import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { columns, fit, lineWidth } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { cutMiddle } from '../../present/width.ts';
import { windowTop } from '../../present/window.ts';
import type { Grid, GridRow } from './grid.ts';
import type { MatrixLayout } from './layout.ts';
import { cellLine, columnLine, placeLine } from './words.ts';

export interface MatrixView {
  readonly grid: Grid;
  readonly layout: MatrixLayout;
  /** -1: the names. */
  readonly row: number;
  readonly column: number;
  readonly top: number;
  readonly now: number;
  readonly filter: string;
}

/** The matrix: names, states, places, then the rows in sight. */
export function matrixLines(signs: Signs, view: MatrixView): readonly Line[] {
  const { grid, layout } = view;
  const blank: readonly Line[] = layout.air === 1 ? [[]] : [];
  const rows = listLines(signs, view);
  const space = Array.from(
    { length: grid.rows.length === 0 ? 0 : layout.list - rows.length },
    (): Line => [],
  );
  return [...blank, ...headLines(signs, view), ...blank, ...rows, ...space];
}

function headLines(signs: Signs, view: MatrixView): readonly Line[] {
  const { grid, layout, now, filter, row } = view;
  const { shown, from, room } = layout;
  const names = inSight(view).map(({ environment }, index): Line => {
    const here = from + index === view.column;
    const number = `${from + index + 1} `;
    const name = cutMiddle(environment.name, layout.pitch - 1 - number.length, signs);
    return [say(`${number}${name}`, here && row === -1 ? 'accent' : 'strong')];
  });
  const part = shown < grid.columns.length ? `${from + 1} to ${from + shown} of ${grid.columns.length}` : '';
  const under = filter === '' ? 'newest on top' : `/${filter}`;
  const marked = row === -1 ? view.column - from : undefined;
  return [
    gridLine(signs, layout, { name: [say('migration', 'dim')], cells: names, marked }),
    gridLine(signs, layout, {
      name: [say(part || under, 'dim')],
      cells: inSight(view).map((column) => {
        const whole = columnLine(signs, column, { now, room });
        // Ages give way first, and a word is never cut; of an address that is asked its beginning says enough.
        const fits = column.target === undefined || lineWidth(whole) < layout.pitch;
        return fits ? whole : columnLine(signs, column, { now, room: 'narrow' });
      }),
      marked: undefined,
    }),
    gridLine(signs, layout, {
      name: [],
      cells: inSight(view).map((column) => placeLine(column, { now, room })),
      marked: undefined,
    }),
  ];
}

function inSight({ grid, layout }: MatrixView): Grid['columns'] {
  return grid.columns.slice(layout.from, layout.from + layout.shown);
}

function listLines(signs: Signs, view: MatrixView): readonly Line[] {
  const { grid, layout, row } = view;
  if (grid.rows.length === 0) return [];
  const height = Math.max(1, layout.list);
  const top = windowTop({ top: view.top, cursor: Math.max(0, row), height, length: grid.rows.length });
  return grid.rows
    .slice(top, top + height)
    .map((one, index) =>
      top + index === row ? merged(rowLine(signs, view, one, 'cursor')) : restingLine(signs, view, one),
    );
}

/** A row without the cursor stays the same object while nothing in it changes, so that it is not drawn again. */
function restingLine(signs: Signs, view: MatrixView, row: GridRow): Line {
  const { first, pitch, from, shown, room } = view.layout;
  const looks = `${signs.done} ${first} ${pitch} ${from} ${shown} ${room}`;
  const known = resting.get(row);
  if (known?.looks === looks) return known.line;
  const line = merged(rowLine(signs, view, row, 'other'));
  resting.set(row, { looks, line });
  return line;
}

const resting = new WeakMap<GridRow, { readonly looks: string; readonly line: Line }>();

/** Fewer pieces are faster to draw: neighbours of one tone are one, and spaces have any tone. */
function merged(line: Line): Line {
  const pieces: Line[number][] = [];
  for (const piece of line) {
    const last = pieces.at(-1);
    if (last !== undefined && (last.tone === piece.tone || piece.text.trim() === '')) {
      pieces[pieces.length - 1] = say(last.text + piece.text, last.tone);
    } else pieces.push(piece);
  }
  return pieces;
}

function rowLine(signs: Signs, view: MatrixView, row: GridRow, at: 'cursor' | 'other'): Line {
  const { layout, column } = view;
  const name: Line = [say(rowName(row), at === 'cursor' ? 'accent' : row.kind === 'fold' ? 'dim' : 'text')];
  const marked = at === 'cursor' ? column - layout.from : undefined;
  const cells = row.cells
    .slice(layout.from, layout.from + layout.shown)
    .map((cell) => cellLine(signs, cell, layout.room));
  if (row.kind !== 'fold') return gridLine(signs, layout, { name, cells, marked });
  return foldLine(signs, layout, { row, name, cells, marked });
}

/** One sentence over all columns where it holds for all; else what holds in each. */
function foldLine(
  signs: Signs,
  layout: MatrixLayout,
  { row, name, cells, marked }: GridParts & { readonly row: Extract<GridRow, { kind: 'fold' }> },
): Line {
  const everywhere = row.cells.every((cell) => cell.kind === 'item');
  if (everywhere) {
    const head = [
      ...columns(signs, [
        { content: '', width: 2 },
        { content: name, width: layout.first - 4, cut: 'middle' },
      ]),
    ];
    const mark = marked === undefined ? say('  ') : say(`${signs.cursor} `, 'accent');
    return [...head, mark, ...foldWords(signs, row, layout.room === 'wide' ? 'everywhere' : 'short')];
  }
  const each = cells.map((cell, index) =>
    row.cells[layout.from + index]?.kind === 'item' ? foldWords(signs, row, 'one') : cell,
  );
  return gridLine(signs, layout, { name, cells: each, marked });
}

/** What holds of every migration of the row, everywhere or in one environment. */
export function foldWords(
  signs: Signs,
  { of, count }: Extract<GridRow, { kind: 'fold' }>,
  where: 'everywhere' | 'short' | 'one',
): Line {
  const [sign, thing] =
    of === 'applied' ? [say(signs.done, 'ok'), 'migration'] : [say(signs.squashed, 'dim'), 'record'];
  const amount = where === 'everywhere' ? quantity(count, thing) : `${count}`;
  return [sign, say(` ${amount} ${of}${where === 'one' ? '' : ' everywhere'}`, 'dim')];
}

interface GridParts {
  readonly name: Line;
  readonly cells: readonly Line[];
  /** The cell that has the cursor's sign before it, counted among those in sight. */
  readonly marked: number | undefined;
}

/** A row of the matrix. A long word may reach to its neighbour; the cursor's sign keeps its place before the cell. */
function gridLine(signs: Signs, { first, pitch }: MatrixLayout, { name, cells, marked }: GridParts): Line {
  const gap = (index: number): Line => (marked === index ? [say(`${signs.cursor} `, 'accent')] : [say('  ')]);
  const line: Line = [
    say('  '),
    ...fit(signs, { content: name, width: first - 4, cut: 'middle' }),
    ...gap(0),
  ];
  return cells.reduce<Line>((built, cell, index) => {
    const last = index === cells.length - 1;
    const tight = lineWidth(cell) > pitch - 2;
    if (last) return [...built, ...fit(signs, { content: cell, width: pitch - 1 })];
    const after = tight
      ? marked === index + 1
        ? [say(signs.cursor, 'accent')]
        : [say(' ')]
      : gap(index + 1);
    const width = pitch - lineWidth(after);
    return [...built, ...fit(signs, { content: cell, width }), ...after];
  }, line);
}

export function rowName(row: GridRow): string {
  switch (row.kind) {
    case 'migration':
      return row.tag;
    case 'orphan':
      return `(no file) ${row.tag.slice(0, 40)}`;
    case 'fold':
      return `${shortTag(row.first)} to ${shortTag(row.last)}`;
  }
}

/** `0010_audit_log` → `0010`; a tag without a number stays. */
export function shortTag(tag: string): string {
  return /^\d+/.exec(tag)?.[0] ?? tag;
}
