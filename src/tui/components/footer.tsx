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
  /** `always`: it gives way last of all, because it leads to all the others. */
  readonly keep?: 'always' | undefined;
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
  const [left, right] = sides(fitting(keys, width));
  const end = right.length > 0 ? [...right, say(' ')] : [];
  return ends(signs, [say(' '), ...left], end, width);
}

function sides(keys: readonly FooterKey[]): readonly [left: Line, right: Line] {
  const [right = [], left = []] = [true, false].map((atEnd) =>
    keys.filter(({ place }) => (place === 'end') === atEnd).map(entry),
  );
  return [joined(left, '   '), joined(right, '   ')];
}

function widthOf(keys: readonly FooterKey[]): number {
  const [left, right] = sides(keys);
  return 1 + lineWidth(left) + (right.length > 0 ? 2 + lineWidth(right) : 0) + 1;
}

/**
 * As many as there is room for: the key that leads to all others first, then the most wanted, then what stands at the
 * end, then the others. Of each of these the first that does not fit keeps those after it out.
 */
function fitting(keys: readonly FooterKey[], width: number): readonly FooterKey[] {
  const always = keys.filter(({ keep }) => keep === 'always');
  const others = keys.filter(({ keep }) => keep !== 'always');
  const [most, ...start] = others.filter(({ place }) => place !== 'end');
  const end = others.filter(({ place }) => place === 'end');
  return [always, most === undefined ? [] : [most], end, start].reduce(
    (shown, group) => withSome(keys, shown, { group, width }),
    [] as readonly FooterKey[],
  );
}

function withSome(
  keys: readonly FooterKey[],
  shown: readonly FooterKey[],
  { group, width }: { readonly group: readonly FooterKey[]; readonly width: number },
): readonly FooterKey[] {
  let next = shown;
  for (const key of group) {
    const more = keys.filter((one) => one === key || next.includes(one));
    if (widthOf(more) > width) break;
    next = more;
  }
  return next;
}

function entry({ key, label, blocked }: FooterKey): Line {
  if (blocked !== undefined) return [say(`${key}${label === '' ? '' : ` ${label}`}: ${blocked}`, 'dim')];
  return [say(key, 'accent'), say(label === '' ? '' : ` ${label}`)];
}

function joined(parts: readonly Line[], gap: string): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : [say(gap), ...part]));
}
