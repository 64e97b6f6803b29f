import type { Signs } from '../../lib/signs.ts';
import { fit } from './layout.ts';
import { say, type Line } from './line.ts';
import type { Tone } from '../theme.ts';

/**
 * The heavy frame, drawn round the typed confirmation and nowhere else. It is open to the right,
 * so that what is typed never touches a border.
 */
export function heavyFrame(
  signs: Signs,
  { title, lines, width, tone = 'danger' }: FrameOptions & { readonly tone?: Tone },
): readonly Line[] {
  return [
    edge(`${signs.heavyTop}${signs.heavyLine}`, title, signs.rule, width, tone),
    ...lines.map((line) => [
      say(`${signs.heavySide} `, tone),
      ...fit(signs, { content: line, width: width - 2 }),
    ]),
    edge(signs.heavyEnd, '', signs.rule, width, tone),
  ];
}

/** The light frame, drawn round an overlay and nowhere else. */
export function overlayFrame(
  signs: Signs,
  { title, lines, width, footer }: FrameOptions & { readonly footer: string },
): readonly Line[] {
  return [
    edge(`${signs.top}${signs.rule}`, title, signs.rule, width, 'dim'),
    ...lines.map((line) => [
      say(`${signs.side} `, 'dim'),
      ...fit(signs, { content: line, width: width - 2 }),
    ]),
    edge(signs.end, footer, signs.rule, width, 'dim'),
  ];
}

interface FrameOptions {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly width: number;
}

function edge(corner: string, title: string, dash: string, width: number, tone: Tone): Line {
  const label = title === '' ? '' : ` ${title} `;
  const room = Math.max(0, width - corner.length - label.length);
  return [say(corner, tone), say(label, tone === 'dim' ? 'text' : tone), say(dash.repeat(room), tone)];
}
