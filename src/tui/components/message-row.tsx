import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { Signs } from '../../lib/signs.ts';
import { cutLine, fit, lineWidth, paragraph } from '../present/layout.ts';
import { say, type Line } from '../present/line.ts';
import { useSigns } from '../signs.ts';
import { Lines, Row } from './text.tsx';

/** One sentence above the footer. The app clears a note after 6 s and an error at the next key. */
export interface Message {
  readonly kind: 'note' | 'error';
  readonly text: string;
}

export interface MessageProps {
  readonly message: Message | undefined;
  /** Of the terminal, in cells. */
  readonly width: number;
  readonly height: number;
}

/** Always one row, also when there is nothing to say, so that nothing moves when there is. */
export function MessageRow({ message, width, height }: MessageProps): ReactElement {
  const lines = messageLines(useSigns(), { message, width, height });
  return <Row line={lines.length === 1 ? (lines[0] ?? []) : []} />;
}

/** What does not fit into its row lies over those above it for as long as it is said. */
export function LongMessage({ message, width, height }: MessageProps): ReactElement | null {
  const lines = messageLines(useSigns(), { message, width, height });
  if (lines.length < 2) return null;
  return (
    <Box position="absolute" top={height - 1 - lines.length} left={0} width={width}>
      <Lines lines={lines} />
    </Box>
  );
}

/** At most a third of the screen; several rows are as wide as it, so that nothing of what they cover is left. */
function messageLines(signs: Signs, { message, width, height }: MessageProps): readonly Line[] {
  if (!message) return [];
  const tone = message.kind === 'error' ? 'danger' : 'text';
  const one = [say('  '), say(message.text, tone)];
  if (lineWidth(one) <= width) return [one];
  const lines = paragraph(message.text, { width, tone });
  const most = Math.max(1, Math.floor(height / 3));
  const kept = lines.slice(0, most);
  const last = kept.at(-1) ?? [];
  const shown =
    lines.length > most
      ? [...kept.slice(0, -1), cutLine(signs, [...last, say(' '.repeat(width))], width, 'end')]
      : kept;
  return shown.map((line) => fit(signs, { content: line, width }));
}
