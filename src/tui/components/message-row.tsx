import type { ReactElement } from 'react';
import { say, type Line } from '../present/line.ts';
import { Row } from './text.tsx';

/** One sentence above the footer. The app clears a note after 6 s and an error at the next key. */
export interface Message {
  readonly kind: 'note' | 'error';
  readonly text: string;
}

/** Always one row, also when there is nothing to say, so that nothing moves when there is. */
export function MessageRow({ message }: { readonly message: Message | undefined }): ReactElement {
  return <Row line={messageLine(message)} />;
}

export function messageLine(message: Message | undefined): Line {
  if (!message) return [];
  return [say('  '), say(message.text, message.kind === 'error' ? 'danger' : 'text')];
}
