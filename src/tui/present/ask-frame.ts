import type { Signs } from '../../lib/signs.ts';
import { heavyFrame } from './frame.ts';
import { say, type Line } from './line.ts';
import type { Typed } from './typed.ts';
import { widthOf, wrapped } from './width.ts';

/** What the one frame of a review asks for, in words. */
export interface Asked {
  readonly title: string;
  /** What makes it ask, in whole sentences. */
  readonly before: readonly string[];
  /** The question; the field follows it. */
  readonly ask: string;
  /** What comes of it; what was refused takes its place. */
  readonly after: string;
  /** What is to be typed, as far as it is known: its room is kept free from the start. */
  readonly expected: string;
}

interface Field {
  readonly typed: Typed;
  readonly focus: 'field' | 'page';
}

/** `rows`: of the whole body that the frame stands at the end of. */
export interface FrameRoom {
  readonly width: number;
  readonly rows: number;
}

/** The frame that asks. It never leaves the screen; where that is low it leaves room for what it asks about. */
export function askFrame(
  signs: Signs,
  { title, before, ask, after, expected }: Asked,
  field: Field,
  { width, rows }: FrameRoom,
): readonly Line[] {
  const room = width - 3;
  const { refusal } = field.typed;
  const below = refusal ?? (rows < 20 ? '' : after);
  const lines: Line[] = [
    ...before.flatMap((sentence) => wrapped(sentence, room).map((text) => [say(text, 'danger')])),
    ...fieldLines(signs, field, { ask, expected }, room),
    ...(below === '' ? [] : wrapped(below, room)).map((text) => [say(text, refusal ? 'warn' : 'text')]),
  ];
  return heavyFrame(signs, { title, lines, width });
}

/** The question and the field behind its last words, else below. It does not move while it is filled. */
function fieldLines(
  signs: Signs,
  { typed, focus }: Field,
  { ask, expected }: Pick<Asked, 'ask' | 'expected'>,
  room: number,
): readonly Line[] {
  const field: Line = [say(typed.text, 'accent'), say(focus === 'field' ? signs.caret : '', 'accent')];
  const length = Math.max(widthOf(typed.text), widthOf(expected)) + 2;
  const fits = (text: string): boolean => widthOf(text) + length <= room;
  const rows = [room, room - length]
    .map((width) => wrapped(ask, Math.max(width, Math.floor(room / 2))))
    .find((found) => fits(found.at(-1) ?? ''));
  if (rows === undefined) return [...wrapped(ask, room).map((text) => [say(text)]), field];
  return [...rows.slice(0, -1).map((text) => [say(text)]), [say(`${rows.at(-1) ?? ''} `), ...field]];
}
