import type { Signs } from '../../../lib/signs.ts';
import type { RecoveryCase } from '../../../operations/reports.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { chosenWay, wayTitle } from '../../present/way-out.ts';
import { cutClause, widthOf, wrapped } from '../../present/width.ts';
import { windowTop } from '../../present/window.ts';
import { numberOfWay } from './state.ts';

export interface WaysView {
  readonly width: number;
  /** The option under the cursor. */
  readonly cursor: number;
  /** All of the environment: a way may be taken for several at once. */
  readonly cases: readonly RecoveryCase[];
}

/** Every way with its cost or with why not, the recommended one first. */
export function wayLines(signs: Signs, found: RecoveryCase, view: WaysView): readonly Line[] {
  return [titleLine(signs, found, view.width), ...blocks(signs, found, view, 'in-full').flat()];
}

/** The same in few rows: the way under the cursor in full, the others with the beginning of their reason. */
export function shortWayLines(
  signs: Signs,
  found: RecoveryCase,
  view: WaysView & { readonly rows: number },
): readonly Line[] {
  const all = blocks(signs, found, view, 'cursor-in-full');
  const lines = all.flat();
  const height = Math.max(1, view.rows - 1);
  const begin = all.slice(0, view.cursor).flat().length;
  const end = begin + (all[view.cursor]?.length ?? 1) - 1;
  const options = { top: 0, height, length: lines.length };
  // Its end in sight, and before that its beginning.
  const top = windowTop({ ...options, cursor: begin, top: windowTop({ ...options, cursor: end }) });
  const below = lines.length - top - height;
  const note =
    below > 0 || top > 0
      ? `${top > 0 ? 'k above' : ''}${top > 0 && below > 0 ? ', ' : ''}${below > 0 ? 'j below' : ''}`
      : '';
  return [titleLine(signs, found, view.width, note), ...lines.slice(top, top + height)];
}

function titleLine(signs: Signs, { options }: RecoveryCase, width: number, note = ''): Line {
  const advice = options.some(({ allowed }) => allowed)
    ? options.some(({ recommended }) => recommended)
      ? ''
      : 'no way is recommended'
    : 'no way is open';
  const parts = [...(options.length === 0 ? [] : [advice]), note].filter((text) => text !== '');
  return rule(signs, width, [
    { at: 3, title: 'ways out' },
    { at: 0, title: parts.join('; '), tone: 'dim' },
  ]);
}

function blocks(
  signs: Signs,
  found: RecoveryCase,
  view: WaysView,
  how: 'in-full' | 'cursor-in-full',
): readonly (readonly Line[])[] {
  const { options } = found;
  if (options.length === 0) {
    return [paragraph('Nothing is offered for this case. w shows the backups.', { width: view.width })];
  }
  return options.map((_, index) => {
    const whole = how === 'in-full' || index === view.cursor;
    return whole ? wayBlock(signs, found, index, view) : [wayRow(signs, found, index, view)];
  });
}

function wayBlock(signs: Signs, found: RecoveryCase, index: number, view: WaysView): readonly Line[] {
  const { width } = view;
  const dim = found.options[index]?.allowed === true ? 'text' : 'dim';
  const reason = reasonOf(found, index);
  if (width < 100) {
    const rows = wrapped(reason.text, width - 7);
    return [
      [...headOf(signs, found, index, view)],
      ...rows.map((text, at): Line => [say('      '), ...accented(text, at === 0 ? reason.accent : 0, dim)]),
    ];
  }
  const [first = '', ...rest] = wrapped(reason.text, width - titleWidth - 1);
  return [
    [
      ...columns(signs, [{ content: headOf(signs, found, index, view), width: titleWidth }]),
      ...accented(first, reason.accent, dim),
    ],
    ...rest.map((text): Line => [say(' '.repeat(titleWidth)), say(text, dim)]),
  ];
}

/** One row: its title, and what fits of the reason. */
function wayRow(signs: Signs, found: RecoveryCase, index: number, view: WaysView): Line {
  const { width } = view;
  const head = width < 100 ? Math.min(titleWidth - 3, Math.floor(width / 2)) : titleWidth;
  const room = width - head - 1;
  return columns(signs, [
    { content: headOf(signs, found, index, view), width: head - 1 },
    { content: '', width: 1 },
    { content: say(cutClause(reasonOf(found, index).text, room, signs), 'dim'), width: room },
  ]);
}

const titleWidth = 38;

function headOf(signs: Signs, found: RecoveryCase, index: number, { cursor, cases }: WaysView): Line {
  const option = found.options[index];
  if (!option) return [];
  const number = numberOfWay(found, index);
  const tone = option.allowed ? (option.recommended ? 'accent' : 'text') : 'dim';
  return [
    say(index === cursor ? `${signs.cursor} ` : '  ', 'accent'),
    say(number === undefined ? signs.nothing : String(number), option.allowed ? 'accent' : 'dim'),
    say(` ${wayTitle(chosenWay(found, option, cases))}`, tone),
  ];
}

/** How many letters at its beginning say that this is the one to take. */
function reasonOf(
  { options }: RecoveryCase,
  index: number,
): { readonly text: string; readonly accent: number } {
  const { why = '', recommended = false } = options[index] ?? {};
  const text = recommended ? `recommended: ${why}` : why;
  return { text, accent: recommended ? widthOf('recommended:') : 0 };
}

function accented(text: string, letters: number, tone: 'text' | 'dim'): Line {
  return [say(text.slice(0, letters), 'accent'), say(text.slice(letters), tone)];
}
