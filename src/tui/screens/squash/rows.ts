import type { Signs } from '../../../lib/signs.ts';
import type { SquashReport } from '../../../operations/squash/report.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf } from '../../present/width.ts';
import { rowsOf, type SquashState } from './state.ts';
import { needsOf, placeMark } from './words.ts';

export interface Story {
  readonly lines: readonly Line[];
  /** The row that must be in sight. */
  readonly cursor: number | undefined;
}

/** A row for each environment, with what it needs. */
export function placeLines(
  signs: Signs,
  state: SquashState,
  { environments }: SquashReport,
  width: number,
): Story {
  if (environments.length === 0) return { lines: [], cursor: undefined };
  const name = Math.min(24, Math.max(12, ...environments.map(({ environment }) => widthOf(environment))) + 2);
  const known = environments.some(({ at }) => at !== undefined);
  const tag =
    !known || width < 80
      ? 0
      : Math.min(28, Math.max(4, ...environments.map(({ at = '-' }) => widthOf(at))) + 2);
  const indent = width < 60 ? 6 : 4 + name + tag;
  const lines: Line[] = [
    rule(signs, width, [
      { at: 3, title: 'environments' },
      ...(tag === 0 ? [] : [{ at: 4 + name, title: 'at' }]),
      { at: indent, title: 'needs' },
    ]),
  ];
  let cursor: number | undefined;
  for (const [index, place] of environments.entries()) {
    const here = state.at === index;
    const { sign, tone } = placeMark[place.state];
    const head: Line = [
      say(here ? `${signs.cursor} ` : '  ', 'accent'),
      say(signs[sign], tone),
      ...columns(signs, [
        { content: ` ${place.environment}`, width: name + 1, cut: 'middle' },
        { content: place.at ?? '-', width: tag, cut: 'middle' },
      ]),
    ];
    const [first = [], ...rest] = paragraph(needsOf(place), { width, indent });
    if (width < 60) lines.push(head, first, ...rest);
    else lines.push([...head, ...first.slice(1)], ...rest);
    if (here) cursor = lines.length - 1;
  }
  return { lines, cursor };
}

/** A row for each table whose rows another replay would not give. */
export function tableLines(
  signs: Signs,
  state: SquashState,
  { changing }: SquashReport,
  width: number,
): Story {
  if (changing.length === 0) return { lines: [], cursor: undefined };
  const before = rowsOf(state).length - changing.length;
  const lines: Line[] = [
    rule(signs, width, [{ at: 3, title: 'rows that differ each time the history runs' }]),
  ];
  let cursor: number | undefined;
  for (const [index, table] of changing.entries()) {
    const here = state.at === before + index;
    if (here) cursor = lines.length;
    const text = `${table}: the one file would fix the rows of now. space accepts that, with a reason`;
    const [first = [], ...rest] = paragraph(text, { width, indent: 4 });
    lines.push(
      [
        say(here ? `${signs.cursor} ` : '  ', 'accent'),
        say(signs.failed, 'danger'),
        say(' '),
        ...first.slice(1),
      ],
      ...rest,
    );
  }
  return { lines, cursor };
}
