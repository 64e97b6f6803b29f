import type { Signs } from '../../../lib/signs.ts';
import { columns, cutLine, lineWidth, paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { cutMiddle } from '../../present/width.ts';
import { windowTop } from '../../present/window.ts';
import { foldWords, rowName, shortTag, type MatrixView } from './matrix.ts';
import type { GridRow } from './grid.ts';
import { leastFree } from './layout.ts';
import { cellLine, columnLine, protectionOf } from './words.ts';

/** Under 80 columns: one environment at a time, the others as tabs with their signs. */
export function tabLines(signs: Signs, view: MatrixView): readonly Line[] {
  const { grid, layout, column, now, row } = view;
  const here = grid.columns[column];
  const state = here ? columnLine(signs, here, { now, room: 'wide' }) : [];
  const badge = here ? protectionOf(here.environment, 'wide') : undefined;
  const sentence = saidBelow(view) ? undefined : here?.target?.says[0];
  const below = belowLines(sentence, {
    width: layout.width,
    // Of a long list some rows give way: what is wrong cannot be read elsewhere on this page.
    room: Math.max(layout.list - grid.rows.length, Math.floor(layout.list / 3)),
  });
  const height = Math.max(1, layout.list - below.length);
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

/** Why it does not answer is said of whatever the cursor is on, too, where there is room for that. */
function saidBelow({ grid, layout, column, row }: MatrixView): boolean {
  const isSilent = grid.columns[column]?.target?.error !== undefined;
  return isSilent && row >= 0 && layout.list - grid.rows.length >= leastFree;
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

/** All tabs with as much of their names as fits, at the least their signs; then those around the cursor. */
function tabLine(signs: Signs, view: MatrixView): Line {
  const room = view.layout.width - 1;
  const fitting = tabSizes.find((size) => lineWidth(tabsOf(signs, view, size).flat()) <= room);
  const tabs = tabsOf(signs, view, fitting ?? tightest);
  // The tab of the cursor stays in sight: those before it give way.
  const fits = (from: number): boolean => lineWidth(tabs.slice(from, view.column + 1).flat()) <= room;
  let from = 0;
  while (from < view.column && !fits(from)) from += 1;
  return cutLine(signs, [say(' '), ...tabs.slice(from).flat()], view.layout.width, 'end');
}

/** How much of the name under the cursor and of the others there may be, and what parts the tabs, in cells. */
interface TabSize {
  readonly here: number;
  readonly others: number;
  readonly gap: number;
}

const tightest: TabSize = { here: 8, others: 0, gap: 0 };

const tabSizes: readonly TabSize[] = [
  ...[Infinity, 24, 16, 12, 8, 6, 4, 0].map((others) => ({ here: Math.max(24, others), others, gap: 2 })),
  ...[24, 16, 12].map((here) => ({ here, others: 0, gap: 0 })),
  tightest,
];

function tabsOf(
  signs: Signs,
  { grid, column, row, now }: MatrixView,
  { here: whole, others, gap }: TabSize,
): readonly Line[] {
  return grid.columns.map((one, index): Line => {
    const sign = columnLine(signs, one, { now, room: 'narrow' })[0]?.text.slice(0, 1) || signs.nothing;
    const here = index === column;
    const mark = here ? say(signs.cursor, row === -1 ? 'accent' : 'text') : say(' ');
    const name = cutMiddle(one.environment.name, here ? whole : others, signs);
    return [
      mark,
      say(`${index + 1} ${sign} ${name}`.trimEnd(), here ? 'strong' : 'dim'),
      say(' '.repeat(gap)),
    ];
  });
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
