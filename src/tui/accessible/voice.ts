import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { safe } from '../../lib/safe-text.ts';
import type { Answer, Voice } from './conversation.ts';

/** Speaks through a stream of lines: each sentence a line, never written over. */
export interface LineVoice extends Voice, Disposable {}

export function lineVoice(
  input: Readable,
  output: Writable,
  { marksPastes }: { readonly marksPastes: 'asked' | 'not-asked' },
): LineVoice {
  const lines = createInterface({ input, terminal: false });
  const waiting: ((line: string | undefined) => void)[] = [];
  const read: string[] = [];
  let ended = false;
  lines.on('line', (line) => {
    const next = waiting.shift();
    if (next) next(line);
    else read.push(line);
  });
  lines.once('close', () => {
    ended = true;
    for (const next of waiting.splice(0)) next(undefined);
  });
  // The terminal says what was pasted: the one sequence written here, and it shows nothing.
  if (marksPastes === 'asked') output.write('\u001B[?2004h');
  return {
    say: (sentence) => void output.write(`${safe(sentence, { lines: 'one' })}\n`),
    async answer(question) {
      output.write(safe(question, { lines: 'one' }));
      const line =
        read.shift() ??
        (ended ? undefined : await new Promise<string | undefined>((resolve) => waiting.push(resolve)));
      if (line === undefined) output.write('\n');
      return line === undefined ? undefined : answerOf(line);
    },
    [Symbol.dispose]() {
      if (marksPastes === 'asked') output.write('\u001B[?2004l');
      lines.close();
    },
  };
}

function answerOf(line: string): Answer {
  const pasted = line.includes(pasteStart) || line.includes(pasteEnd);
  return {
    text: line.replaceAll(pasteStart, '').replaceAll(pasteEnd, '').trim(),
    how: pasted ? 'pasted' : 'typed',
  };
}

const pasteStart = '\u001B[200~';
const pasteEnd = '\u001B[201~';
