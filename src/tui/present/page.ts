import { quantity } from '../../lib/numbers.ts';
import { say, type Line } from './line.ts';
import { windowTop } from './window.ts';

/** A page that may be longer than the screen, above rows that never leave it. */
export interface PageOptions {
  readonly rows: number;
  /** The first row to draw, where the person scrolled to; more than there is means the end. */
  readonly top: number;
  /** The row that must be in sight, when there is one. */
  readonly cursor?: number | undefined;
  /** Always drawn, at the lower end: what must be read before going on. */
  readonly pinned?: readonly Line[];
}

/** Exactly `rows` rows. What does not fit is said to be there. */
export function page(
  lines: readonly Line[],
  { rows, top, cursor, pinned = [] }: PageOptions,
): readonly Line[] {
  const kept = pinned.slice(Math.max(0, pinned.length - rows));
  const room = rows - kept.length;
  if (lines.length <= room) {
    return [...lines, ...blank(room - lines.length), ...kept];
  }
  const height = Math.max(0, room - 1);
  const wanted = Math.min(top, lines.length - height);
  const first =
    cursor === undefined ? wanted : windowTop({ top: wanted, cursor, height, length: lines.length });
  const below = lines.length - first - height;
  const shown = lines.slice(first, first + height);
  const more: Line[] =
    room > 0 ? [[say(moreWords(first, below), below > 0 && kept.length > 0 ? 'warn' : 'dim')]] : [];
  return [...shown, ...more, ...kept];
}

function moreWords(above: number, below: number): string {
  const parts = [
    ...(above > 0 ? [`${quantity(above, 'row')} above`] : []),
    ...(below > 0 ? [`${quantity(below, 'row')} below, ctrl-d`] : []),
  ];
  return `  ${parts.join('; ')}`;
}

function blank(count: number): readonly Line[] {
  return Array.from({ length: Math.max(0, count) }, () => []);
}
