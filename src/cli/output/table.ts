import { safe } from '../../lib/safe-text.ts';
import type { Style, Token } from './style.ts';
import { cells, cutEnd, cutMiddle } from './width.ts';

/** Text that may come from anywhere: it is made safe here. */
export type Cell = string | { readonly text: string; readonly as: Token };

export interface Column {
  readonly align?: 'left' | 'right';
  /** What gives way when a terminal is too narrow: names in the middle, SQL and sentences at the end. */
  readonly cut?: 'middle' | 'end';
}

/** Lines of a table, two spaces between columns and in front; nothing trails. */
export function table(
  rows: readonly (readonly Cell[])[],
  columns: readonly Column[],
  style: Style,
): readonly string[] {
  const texts = rows.map((row) => row.map((cell) => safe(textOf(cell), { lines: 'one' })));
  const widths = fitted(naturalWidths(texts), columns, style.width);
  return rows.map((row, index) => {
    const line = row.map((cell, at) => {
      const width = widths[at] ?? 0;
      const shown = fit(texts[index]?.[at] ?? '', width, columns[at], style);
      const blank = ' '.repeat(Math.max(0, width - cells(shown)));
      const painted = typeof cell === 'string' ? shown : style.paint(cell.as, shown);
      if (columns[at]?.align === 'right') return blank + painted;
      return at === row.length - 1 ? painted : painted + blank;
    });
    return `  ${line.join('  ')}`.trimEnd();
  });
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function naturalWidths(texts: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of texts) {
    for (const [at, text] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cells(text));
  }
  return widths;
}

function fitted(
  natural: readonly number[],
  columns: readonly Column[],
  width: number | undefined,
): readonly number[] {
  if (width === undefined) return natural;
  const widths = [...natural];
  // The widest gives one cell at a time, so that what remains is shared evenly.
  for (let over = widths.reduce((sum, each) => sum + each + 2, 0) - width; over > 0; over--) {
    let widest = -1;
    for (const [at, each] of widths.entries()) {
      if (columns[at]?.cut !== undefined && each > (widths[widest] ?? least)) widest = at;
    }
    if (widest === -1) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

const least = 8;

function fit(text: string, width: number, column: Column | undefined, { signs }: Style): string {
  if (column?.cut === undefined) return text;
  return column.cut === 'middle' ? cutMiddle(text, width, signs.cut) : cutEnd(text, width, signs.cut);
}
