/** What a person did with a question. */
export type Answer =
  | { readonly kind: 'typed'; readonly text: string }
  /** Enter on nothing, Esc, Ctrl-D, or the end was asked for. */
  | { readonly kind: 'left' }
  | { readonly kind: 'pasted' };

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Ctrl-C in the question. */
  readonly onInterrupt: () => void;
}

/**
 * Asks on stderr and reads letter by letter from the terminal, so that pasted text can be told from typed:
 * Enter counts only by itself and 30 ms after the last letter.
 */
export function ask(question: string, { signal, onInterrupt }: AskOptions): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const line = new TypedLine();
  const answer = (result: Answer) => {
    process.stdin.off('data', read);
    signal.removeEventListener('abort', leave);
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write(`${bracketedPaste.off}\n`);
    resolve(result);
  };
  const leave = () => answer({ kind: 'left' });
  const read = (chunk: Buffer) => {
    if (chunk.includes(3)) onInterrupt();
    const result = chunk.includes(3) ? ({ kind: 'left' } as const) : line.take(chunk.toString('utf8'));
    if (result !== undefined) answer(result);
  };
  process.stderr.write(`${bracketedPaste.on}${question}`);
  process.stdin.setRawMode(true);
  process.stdin.on('data', read);
  process.stdin.resume();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  return promise;
}

class TypedLine {
  readonly #letters: string[] = [];
  #lastLetter = 0;

  take(chunk: string): Answer | undefined {
    // No hand types five letters between two reads; terminals that mark no paste are told by that.
    if (chunk.includes(bracketedPaste.begin) || (chunk.length > 4 && !chunk.startsWith('\u001B'))) {
      return { kind: 'pasted' };
    }
    if (chunk === '\u001B' || chunk === '\u0004') return { kind: 'left' };
    if (chunk.startsWith('\u001B')) return undefined;
    if (chunk === '\r' || chunk === '\n') return this.#enter();
    for (const letter of chunk) this.#letter(letter);
    return undefined;
  }

  #enter(): Answer | undefined {
    if (this.#letters.length === 0) return { kind: 'left' };
    if (performance.now() - this.#lastLetter < 30) return undefined;
    return { kind: 'typed', text: this.#letters.join('') };
  }

  #letter(letter: string): void {
    if (letter === '\u007F' || letter === '\b') {
      if (this.#letters.pop() !== undefined) process.stderr.write('\b \b');
    } else if (/^[^\p{C}\p{Z}]$|^ $/u.test(letter)) {
      this.#letters.push(letter);
      this.#lastLetter = performance.now();
      process.stderr.write(letter);
    }
  }
}

const bracketedPaste = { on: '\u001B[?2004h', off: '\u001B[?2004l', begin: '\u001B[200~' };
