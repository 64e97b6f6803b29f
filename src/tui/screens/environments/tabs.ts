import type { Signs } from '../../../lib/signs.ts';
import { columns, cutLine, paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf } from '../../present/width.ts';
import { windowTop } from '../../present/window.ts';
import { foldWords, rowName, shortTag, type MatrixView } from './matrix.ts';
import type { GridRow } from './grid.ts';
import { cellLine, columnLine, protectionOf } from './words.ts';

/** Under 80 columns: one environment at a time, the others as tabs with their signs. */
export function tabLines(signs: Signs, view: MatrixView): readonly Line[] {
  const { grid, layout, column, now, row } = view;
  const here = grid.columns[column];
  const state = here ? columnLine(signs, here, { now, room: 'wide' }) : [];
  const badge = here ? protectionOf(here.environment, 'wide') : undefined;
  const sentence = here?.target?.says[0];
  const height = Math.max(1, layout.list);
  const below = belowLines(sentence, { width: layout.width, room: height - grid.rows.length });
  const head: Line = [
    say('  '),
    ...state,
    ...(badge === undefined ? [] : [say(`   ${badge}`, 'danger')]),
    ...(sentence === undefined || below.length > 0 ? [] : [say(`   ${sentence}`, 'dim')]),
  ];
  const top = windowTop({ top: view.top, cursor: Math.max(0, row), height, length: grid.rows.length });
  const rows = grid.rows
    .slice(top, top + height)
    .map((one, index) => rowLine(signs, view, one, top + index === row ? 'cursor' : 'other'));
  return [tabLine(signs, view), cutLine(signs, head, layout.width, 'end'), ...rows, ...below];
}

/** What is longer than the rest of a row stands below the list, where there is room for all of it. */
function belowLines(
  sentence: string | undefined,
  { width, room }: { readonly width: number; readonly room: number },
): readonly Line[] {
  if (sentence === undefined || sentence.length < width / 2) return [];
  const lines = [[], ...paragraph(sentence, { width })];
  return lines.length <= room ? lines : [];
}

function tabLine(signs: Signs, { grid, column, row, now, layout }: MatrixView): Line {
  const tabs = grid.columns.map((one, index): Line => {
    const sign = columnLine(signs, one, { now, room: 'narrow' })[0]?.text.slice(0, 1) || signs.nothing;
    const here = index === column;
    const mark = here ? say(signs.cursor, row === -1 ? 'accent' : 'text') : say(' ');
    return [mark, say(`${index + 1} ${sign} ${one.environment.name}`, here ? 'strong' : 'dim'), say('  ')];
  });
  // The tab of the cursor stays in sight: those before it give way.
  const fits = (from: number): boolean => widthFrom(tabs, from, column) <= layout.width - 1;
  let from = 0;
  while (from < column && !fits(from)) from += 1;
  return cutLine(signs, [say(' '), ...tabs.slice(from).flat()], layout.width, 'end');
}

function widthFrom(tabs: readonly Line[], from: number, to: number): number {
  return tabs
    .slice(from, to + 1)
    .flat()
    .reduce((sum, { text }) => sum + widthOf(text), 0);
}

function rowLine(signs: Signs, view: MatrixView, row: GridRow, at: 'cursor' | 'other'): Line {
  const cell = row.cells[view.column];
  const words: Line =
    row.kind === 'fold' && cell?.kind === 'item'
      ? foldWords(signs, row, 'one')
      : cell
        ? cellLine(signs, cell, 'wide')
        : [];
  const word = 18;
  const name = row.kind === 'fold' ? `${shortTag(row.first)} to ${shortTag(row.last)}` : rowName(row);
  return columns(signs, [
    { content: say(at === 'cursor' ? ` ${signs.cursor} ` : '', 'accent'), width: 3 },
    {
      content: say(name, at === 'cursor' ? 'accent' : row.kind === 'fold' ? 'dim' : 'text'),
      width: Math.max(8, view.layout.width - 3 - word - 1),
      cut: 'middle',
    },
    { content: '', width: 1 },
    { content: words, width: word },
  ]);
}
