import type { Signs } from '../../../lib/signs.ts';
import { count, quantity } from '../../../lib/numbers.ts';
import { stopped } from '../../../lib/sentences.ts';
import type { DriftObject } from '../../../operations/reports.ts';
import { paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { Context } from '../../screen.ts';
import { formOf, gutter, type DriftLayout } from './layout.ts';
import { itemAt, objectAt, type DriftState } from './state.ts';
import { halves, objectText, type ObjectText } from './text.ts';
import { causeWords, nameOf, sideTitles } from './words.ts';

/** The pane of the text: what is in it, the part in sight, and where that is. */
export function textLines(
  signs: Signs,
  state: DriftState,
  layout: DriftLayout,
  context: Context,
): readonly Line[] {
  const { height } = layout.text;
  const above = aboveText(signs, state, layout, context);
  const object = objectAt(state);
  if (!object) return above.slice(0, height);
  const text = objectText(signs, object, formOf(layout, context, object));
  const room = Math.max(0, height - above.length - 1);
  const top = Math.max(0, Math.min(state.textTop, text.lines.length - room));
  const shown = text.lines
    .slice(top, top + room)
    .map((line, index) => [...cursorCell(signs, state, text, top + index), ...line]);
  const blank = Array.from({ length: room - shown.length }, (): Line => []);
  const place = placeLine(state, object, { above: top, below: text.lines.length - top - room, text });
  return [...above, ...shown, ...blank, place].slice(0, height);
}

/** The text that can be moved through, and how many of its rows are in sight. */
export function textInSight(
  signs: Signs,
  state: DriftState,
  layout: DriftLayout,
  context: Context,
): { readonly text: ObjectText; readonly room: number } | undefined {
  const object = objectAt(state);
  if (!object) return undefined;
  const above = aboveText(signs, state, layout, context);
  const room = Math.max(1, layout.text.height - above.length - 1);
  return { text: objectText(signs, object, formOf(layout, context, object)), room };
}

function aboveText(signs: Signs, state: DriftState, layout: DriftLayout, context: Context): readonly Line[] {
  const { width } = layout.text;
  const object = objectAt(state);
  const notes = [
    ...(layout.place === 'beside' ? [] : causeLine(state)),
    ...(object !== undefined && object.lines === undefined
      ? ['too long to be compared line by line: both stand here as they are']
      : []),
  ];
  return [
    titleLine(signs, state, layout, context),
    ...notes.flatMap((text) => paragraph(text, { width, tone: 'dim' })),
  ];
}

function causeLine(state: DriftState): readonly string[] {
  const item = itemAt(state);
  const words = item && causeWords(item);
  return words === undefined ? [] : [stopped(words.join(' '))];
}

/** `── migrations say ───── ── local has ──`; in one column also which sign is whose. */
function titleLine(signs: Signs, state: DriftState, layout: DriftLayout, context: Context): Line {
  const { width } = layout.text;
  const { left, right } = sideTitles(state);
  const item = itemAt(state);
  const name = item === undefined ? '' : nameOf(item.object);
  const form = formOf(layout, context, objectAt(state));
  if (form.form === 'unified') return rule(signs, width, [{ at: 3, title: name }, ...signTitles(state)]);
  return rule(signs, width, [
    { at: 3, title: layout.place === 'all' ? `${name}: ${left}` : left },
    { at: gutter + halves(form.width).left + 2, title: right },
  ]);
}

function signTitles(state: DriftState): Parameters<typeof rule>[2] {
  const { left, right, onlyLeft, onlyRight } = sideTitles(state);
  switch (itemAt(state)?.object.change) {
    case 'added':
      return [{ at: 0, title: `+ ${onlyRight}`, tone: 'added' }];
    case 'removed':
      return [{ at: 0, title: `- ${onlyLeft}`, tone: 'removed' }];
    case 'changed':
      return [
        { at: 0, title: `- ${left}`, tone: 'removed' },
        { at: 0, title: `+ ${right}`, tone: 'added' },
      ];
    case undefined:
      return [];
  }
}

/** Beside the first row of the difference that `n` is on, where there are several. */
function cursorCell(signs: Signs, { difference }: DriftState, { places }: ObjectText, row: number): Line {
  return [say(places.length > 1 && places[difference] === row ? `${signs.cursor} ` : '  ', 'accent')];
}

/** `difference 1 of 2 in this table; 12 rows above; 30 rows below` */
function placeLine(
  { difference }: DriftState,
  object: DriftObject,
  { above, below, text }: { readonly above: number; readonly below: number; readonly text: ObjectText },
): Line {
  const { length } = text.places;
  const which =
    length < 2 ? [] : [`difference ${count(difference + 1)} of ${count(length)} in this ${object.type}`];
  const rest = [
    ...(above > 0 ? [`${quantity(above, 'row')} above`] : []),
    ...(below > 0 ? [`${quantity(below, 'row')} below`] : []),
  ];
  return [say(`  ${[...which, ...rest].join('; ')}`, 'dim')];
}
