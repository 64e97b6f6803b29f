import type { Signs } from '../../lib/signs.ts';
import { fit } from './layout.ts';
import { say, type Line } from './line.ts';

/** Two parts beside each other where there is room, else below each other. */
export function sideBySide(
  signs: Signs,
  left: (width: number) => readonly Line[],
  right: (width: number) => readonly Line[],
  width: number,
): readonly Line[] {
  if (!fitsBeside(width)) return [...left(width), ...right(width)];
  const half = Math.floor((width - 1) / 2);
  const [a, b] = [left(half), right(width - half - 1)];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => [
    ...fit(signs, { content: a[index] ?? [], width: half }),
    say(' '),
    ...(b[index] ?? []),
  ]);
}

/** Whether there is room for two parts in a row. */
export function fitsBeside(width: number): boolean {
  return width >= 100;
}
