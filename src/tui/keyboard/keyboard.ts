import type { Input } from './key.ts';
import { KeyParser, type Parsed } from './parser.ts';

/** What the keyboard reads from: a terminal's input, or a stream that behaves like one. */
export interface KeySource {
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
  setRawMode?(mode: boolean): unknown;
}

/** The keys of a terminal, each by itself, from `resume` to `pause`. */
export interface Keyboard extends Disposable {
  /** Takes the terminal: raw mode and bracketed paste on. */
  resume(): void;
  /** Gives it back as it was, for another program or for the end. Safe to call twice. */
  pause(): void;
}

export interface KeyboardOptions {
  readonly source: KeySource;
  /** Writes to the terminal, for its paste marks. */
  readonly write: (text: string) => void;
  /** The inputs of one read, together, so that one redraw answers them. */
  readonly onInputs: (inputs: readonly Input[]) => void;
  /** A clock that only goes forward, in milliseconds. */
  readonly clock: () => number;
}

/** A lone escape is the key when nothing follows for this long. */
const escapeWait = 20;
/** A sequence begun over a slow line may take longer; no key waits for it. */
const sequenceWait = 200;
/** A held key comes faster than this, a finger does not. */
const repeatBelow = 30;

export function openKeyboard(options: KeyboardOptions): Keyboard {
  const { source, write } = options;
  const reader = new Reader(options);
  const listener = (bytes: Buffer): void => reader.read(bytes);
  let state: 'taken' | 'given-back' = 'given-back';
  const keyboard: Keyboard = {
    resume() {
      if (state === 'taken') return;
      state = 'taken';
      source.setRawMode?.(true);
      write('\u001B[?2004h');
      source.on('data', listener);
      source.resume();
    },
    pause() {
      if (state === 'given-back') return;
      state = 'given-back';
      reader.stop();
      source.off('data', listener);
      source.pause();
      write('\u001B[?2004l');
      source.setRawMode?.(false);
    },
    [Symbol.dispose]: () => keyboard.pause(),
  };
  return keyboard;
}

/** Adds to each key when it came and what it came with. */
class Reader {
  readonly #parser = new KeyParser();
  readonly #options: KeyboardOptions;
  #timer: NodeJS.Timeout | undefined;
  #last: { readonly name: string; readonly at: number } | undefined;

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  read(bytes: Buffer): void {
    this.stop();
    this.#give(this.#parser.push(bytes));
    const pending = this.#parser.pending;
    if (pending === 'nothing') return;
    const wait = pending === 'escape' ? escapeWait : sequenceWait;
    this.#timer = setTimeout(() => this.#give(this.#parser.flush()), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #give(parsed: readonly Parsed[]): void {
    if (parsed.length === 0) return;
    const at = this.#options.clock();
    const read = parsed.length === 1 ? 'alone' : 'with-others';
    this.#options.onInputs(parsed.map((one) => this.#stamp(one, at, read)));
  }

  #stamp(parsed: Parsed, at: number, read: 'alone' | 'with-others'): Input {
    const last = this.#last;
    if (parsed.kind === 'paste') {
      this.#last = { name: 'paste', at };
      return parsed;
    }
    this.#last = { name: parsed.name, at };
    const since = last === undefined ? Infinity : at - last.at;
    const press = last?.name === parsed.name && since < repeatBelow ? 'repeat' : 'single';
    return { kind: 'key', key: { name: parsed.name, text: parsed.text, at, since, read, press } };
  }
}
