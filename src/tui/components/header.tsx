import type { ReactElement } from 'react';
import type { Signs } from '../../lib/signs.ts';
import { ends, lineWidth } from '../present/layout.ts';
import { say, type Line } from '../present/line.ts';
import { cutMiddle, widthOf } from '../present/width.ts';
import type { HeaderPart } from '../screen.ts';
import { useSigns } from '../signs.ts';
import { Row } from './text.tsx';

/** What stands at the top: where the person is, and how fresh or how dangerous it is. */
export interface HeaderContent {
  readonly project: string;
  readonly branch: string | undefined;
  /** Where you are, outermost first: `app`, `production`, `review`. A ready-made piece, such as tabs, is one element. */
  readonly path: readonly (string | Line)[];
  /** The same thing from longest to shortest; the longest that fits is shown. */
  readonly right: readonly Line[];
}

export function Header({ width, ...content }: HeaderContent & { readonly width: number }): ReactElement {
  return <Row line={headerLine(useSigns(), content, width)} />;
}

/**
 * What gives way, in this order: the long form of the right end, the branch, the product's name, the path's beginning,
 * all of a right end that is dim.
 */
export function headerLine(signs: Signs, content: HeaderContent, width: number): Line {
  const rights = content.right.length === 0 ? [[]] : content.right;
  for (const form of forms) {
    const left = leftOf(signs, content, form);
    const right = rights.find((line) => lineWidth(left) + lineWidth(line) + 2 <= width);
    if (right && (form.rights === 'any' || right === rights[0])) return ends(signs, left, right, width);
  }
  return shortest(signs, content, rights.at(-1) ?? [], width);
}

/** Of the path its last two steps stay whole, also where the right end only tells what is nice to know. */
function shortest(signs: Signs, content: HeaderContent, whole: Line, width: number): Line {
  const { path } = content;
  const right = shortBadge(signs, whole, Math.floor(width / 2));
  const paths = path.map((_step, from) => path.slice(from)).filter((part) => part.length >= 2);
  const lefts = [
    ...paths.map((part) => leftOf(signs, { ...content, path: part }, smallest)),
    // A name of an environment that fills the row matters more than the project's.
    ...paths.slice(-1).map((part) => leftOf(signs, { ...content, project: '', path: part }, smallest)),
  ];
  for (const left of lefts)
    if (lineWidth(left) + lineWidth(right) + 2 <= width) return ends(signs, left, right, width);
  const isDim = right.every(({ text, tone }) => tone === 'dim' || text.trim() === '');
  if (isDim) {
    const left = leftOf(signs, content, smallest);
    return ends(signs, left, lineWidth(left) + lineWidth(right) > width ? [] : right, width);
  }
  const over = lineWidth(lefts.at(-1) ?? []) + lineWidth(right) + 2 - width;
  const cut = over > 0 ? withShortStep(signs, path.slice(-2), over) : path;
  return ends(signs, leftOf(signs, { ...content, project: '', path: cut }, smallest), right, width);
}

/** A name that would take the room of all else loses its middle. */
function shortBadge(signs: Signs, right: Line, most: number): Line {
  const over = lineWidth(right) - most;
  if (over <= 0) return right;
  const longest = Math.max(...right.map(({ text }) => widthOf(text)));
  return right.map(({ text, tone }) =>
    widthOf(text) === longest
      ? say(cutMiddle(text, Math.max(8, longest - over), signs), tone)
      : say(text, tone),
  );
}

/** The longest step gives way, in its middle: the shorter ones are words of ours. */
function withShortStep(signs: Signs, path: HeaderContent['path'], over: number): HeaderContent['path'] {
  const widths = path.map((step) => (typeof step === 'string' ? widthOf(step) : 0));
  const longest = widths.indexOf(Math.max(...widths));
  return path.map((step, index) =>
    typeof step === 'string' && index === longest
      ? cutMiddle(step, Math.max(8, (widths[index] ?? 0) - over), signs)
      : step,
  );
}

/**
 * The right end in all its parts, then in fewer: what a protected environment is called by stands first and is never
 * dropped, else the last part says the most urgent thing.
 */
export function rightForms(parts: readonly HeaderPart[]): readonly Line[] {
  const first = parts[0]?.tone;
  const keepsFirst = first === 'badge' || first === 'danger';
  return parts.map((_part, dropped) =>
    (keepsFirst ? parts.slice(0, parts.length - dropped) : parts.slice(dropped))
      .flatMap(({ text, tone }, index) => [say(index === 0 ? '' : '   '), say(text, tone)])
      .concat(say(' ')),
  );
}

interface Form {
  readonly product: 'shown' | 'hidden';
  readonly branch: 'shown' | 'hidden';
  readonly gap: string;
  readonly rights: 'longest' | 'any';
}

const smallest: Form = { product: 'hidden', branch: 'hidden', gap: '  ', rights: 'any' };

const forms: readonly Form[] = [
  { product: 'shown', branch: 'shown', gap: '   ', rights: 'longest' },
  { product: 'shown', branch: 'shown', gap: '   ', rights: 'any' },
  { product: 'shown', branch: 'hidden', gap: '  ', rights: 'any' },
  smallest,
];

function leftOf(signs: Signs, { project, branch, path }: HeaderContent, form: Form): Line {
  const parts: Line[] = [];
  if (form.product === 'shown') parts.push([say('migrate-tui', 'strong')]);
  if (project !== '') parts.push([say(project, form.product === 'shown' ? 'text' : 'strong')]);
  if (form.branch === 'shown' && branch !== undefined) parts.push([say(`on ${branch}`, 'dim')]);
  if (path.length > 0) parts.push(pathOf(signs, path));
  return [say(' '), ...parts.flatMap((part, index) => (index === 0 ? part : [say(form.gap), ...part]))];
}

function pathOf(signs: Signs, path: HeaderContent['path']): Line {
  return path.flatMap((step, index) => {
    const piece = typeof step === 'string' ? [say(step.replace(' ‹ ', ` ${signs.from} `))] : step;
    return index === 0 ? piece : [say(` ${signs.into} `, 'dim'), ...piece];
  });
}
