import type { Signs } from '../../../lib/signs.ts';
import { stopped } from '../../../lib/sentences.ts';
import { columns, fit, headline, paragraph } from '../../present/layout.ts';
import { say, toned, type Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import { windowTop } from '../../present/window.ts';
import type { Tone } from '../../theme.ts';
import type { Context } from '../../screen.ts';
import { air, waitingLines } from '../page.ts';
import { problemLines } from '../reading.ts';
import { choiceLines } from './choice.ts';
import { layoutOf, windowOf, type DriftLayout } from './layout.ts';
import { itemAt, shownItems, type DriftItem, type DriftState } from './state.ts';
import { textLines } from './text-lines.ts';
import { askingWords, causeWords, countWords, equalWords, nameOf } from './words.ts';

/** Exactly the rows of the body. */
export function driftLines(signs: Signs, state: DriftState, context: Context): readonly Line[] {
  const { rows } = context;
  const lines = bodyLines(signs, state, context);
  if (state.choice === undefined) return lines;
  const over = choiceLines(signs, state, state.choice, context);
  return [...over, ...lines.slice(over.length)].slice(0, rows);
}

function bodyLines(signs: Signs, state: DriftState, context: Context): readonly Line[] {
  const { rows, columns: width } = context;
  const { known, reading } = state;
  if (!known) {
    if (reading.kind === 'no') return page([], { rows, top: 0 });
    const waiting = waitingLines(signs, reading, { what: askingWords(state, context), context });
    return page([...air(context), ...waiting], { rows, top: 0 });
  }
  const head = headLines(signs, state, context);
  if (known.items.length === 0) return page(head, { rows, top: 0 });
  if (shownItems(state).length === 0) {
    const text = `No object that differs has "${state.filter.text}" in its name or cause. esc clears the filter.`;
    return page([...head, ...paragraph(text, { width })], { rows, top: 0 });
  }
  return page(differingLines(signs, state, { head, context }), { rows, top: 0 });
}

function differingLines(
  signs: Signs,
  state: DriftState,
  { head, context }: { readonly head: readonly Line[]; readonly context: Context },
): readonly Line[] {
  const layout = driftLayout(signs, state, context);
  const text = aged(textLines(signs, state, layout, context), state);
  if (layout.place === 'all') return text;
  const list = aged(listLines(signs, state, layout), state);
  if (layout.place === 'below') return [...head, ...list, ...text];
  const { width } = layout.list;
  const left = [...list, ...aged(causeLines(itemAt(state), width), state)];
  return [
    ...head,
    ...Array.from({ length: layout.text.height }, (_, row) => [
      ...fit(signs, { content: left[row] ?? [], width }),
      say(' '),
      ...(text[row] ?? []),
    ]),
  ];
}

/** Where everything stands now; also for moving through it. */
export function driftLayout(signs: Signs, state: DriftState, context: Context): DriftLayout {
  return layoutOf(state, context, {
    head: headLines(signs, state, context).length,
    items: shownItems(state).length,
    cause: (width) => causeLines(itemAt(state), width).length,
  });
}

/** What was found, and above it why it is not what is there now. */
function headLines(signs: Signs, state: DriftState, context: Context): readonly Line[] {
  const { columns: width } = context;
  const { known, reading } = state;
  if (!known) return [];
  const above = [...air(context), ...problemLines(signs, reading, width)];
  const [look, text] = known.report.equal
    ? ([{ sign: 'done', tone: 'ok' }, equalWords(state, known.report)] as const)
    : ([{ sign: 'differs', tone: 'warn' }, countWords(known.report)] as const);
  const below = known.items.length > 0 ? air(context) : nextLines(state, width);
  return [...above, ...headline(signs, look, text, width), ...below];
}

function nextLines({ than }: DriftState, width: number): readonly Line[] {
  const text =
    than.kind === 'migrations'
      ? 'c compares it with another environment or a backup.'
      : 'c compares it with something else.';
  return paragraph(text, { width, indent: 4, tone: 'dim' });
}

/** What could not be read again is old. */
function aged(lines: readonly Line[], { reading }: DriftState): readonly Line[] {
  return reading.kind === 'failed' ? lines.map((line) => toned(line, 'dim')) : lines;
}

function listLines(signs: Signs, state: DriftState, { list }: DriftLayout): readonly Line[] {
  const items = shownItems(state);
  const height = windowOf(list.height, items.length);
  const { at } = state;
  // The window may have become smaller since the last key.
  const top = windowTop({ top: state.top, cursor: at, height, length: items.length });
  const below = items.length - top - height;
  const rows = items
    .slice(top, top + height)
    .map((item, index) => itemLine(signs, item, { here: top + index === at, width: list.width }));
  if (items.length <= list.height) return rows;
  const rest = [...(top > 0 ? [`${top} above`] : []), ...(below > 0 ? [`${below} below`] : [])];
  return [...rows, [say(`    ${rest.join(', ')}`, 'dim')]];
}

function itemLine(
  signs: Signs,
  item: DriftItem,
  { here, width }: { readonly here: boolean; readonly width: number },
): Line {
  const { sign, tone } = lookOf(signs, item);
  const text = item.kind === 'allowed' ? 'dim' : here ? 'strong' : 'text';
  return columns(signs, [
    { content: [say('  '), say(here ? signs.cursor : ' ', 'accent'), say(' ')], width: 4 },
    { content: say(`${sign} `, tone), width: 2 },
    { content: say(nameOf(item.object), text), width: Math.max(4, width - 6), cut: 'middle' },
  ]);
}

function lookOf(signs: Signs, item: DriftItem): { readonly sign: string; readonly tone: Tone } {
  if (item.kind === 'allowed') return { sign: signs.nothing, tone: 'dim' };
  switch (item.object.change) {
    case 'added':
      return { sign: '+', tone: 'added' };
    case 'removed':
      return { sign: '-', tone: 'removed' };
    case 'changed':
      return { sign: signs.differs, tone: 'warn' };
  }
}

/** Under the list: the guess, worded as one. */
function causeLines(item: DriftItem | undefined, width: number): readonly Line[] {
  const words = item && causeWords(item);
  if (words === undefined) return [];
  const [label, text] = words;
  return [[], [say(`    ${label}`, 'dim')], ...paragraph(stopped(text), { width, indent: 4 })];
}
