import type { ReactElement } from 'react';
import type { Signs } from '../../lib/signs.ts';
import { ends, lineWidth } from '../present/layout.ts';
import { say, type Line } from '../present/line.ts';
import { useSigns } from '../signs.ts';
import { Row } from './text.tsx';

/** A key of the footer. The most wanted come first; what does not fit is left out from the end. */
export interface FooterKey {
  readonly key: string;
  /** The rest of the sentence that the key begins: `w ways out`. */
  readonly label: string;
  /** Why it cannot work now, and what leads out: `finish dev first`. */
  readonly blocked?: string | undefined;
  /** At the right end, where the eye looks for what is special now. */
  readonly place?: 'start' | 'end';
}

export function Footer({
  keys,
  width,
}: {
  readonly keys: readonly FooterKey[];
  readonly width: number;
}): ReactElement {
  return <Row line={footerLine(useSigns(), keys, width)} />;
}

/** A label is never shown without its key nor a key without its label: whole entries give way. */
export function footerLine(signs: Signs, keys: readonly FooterKey[], width: number): Line {
  const atEnd = keys.filter(({ place }) => place === 'end').map((key) => [...entry(key)]);
  const right = joined(atEnd, '   ');
  const shownRight = lineWidth(right) + 12 <= width ? right : [];
  const left: Line[] = [];
  for (const key of keys.filter(({ place }) => place !== 'end')) {
    const more = joined([...left, entry(key)], '   ');
    if (1 + lineWidth(more) + (shownRight.length > 0 ? 2 + lineWidth(shownRight) : 0) + 1 > width) break;
    left.push(entry(key));
  }
  const end = shownRight.length > 0 ? [...shownRight, say(' ')] : [];
  return ends(signs, [say(' '), ...joined(left, '   ')], end, width);
}

function entry({ key, label, blocked }: FooterKey): Line {
  if (blocked !== undefined) return [say(`${key}${label === '' ? '' : ` ${label}`}: ${blocked}`, 'dim')];
  return [say(key, 'accent'), say(label === '' ? '' : ` ${label}`)];
}

function joined(parts: readonly Line[], gap: string): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : [say(gap), ...part]));
}
