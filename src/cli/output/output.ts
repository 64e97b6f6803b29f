import { beforeHeldUp } from '../../lib/held-up.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Given } from '../arguments.ts';
import { toJson } from './json.ts';
import { styleFor, type Style } from './style.ts';
import { suggestedFrom } from './suggested.ts';

/** Where a command writes: answers to stdout, progress and warnings to stderr. */
export interface Output {
  readonly format: 'json' | 'text';
  /** How text looks on stdout, and on stderr. */
  readonly style: Style;
  readonly sideStyle: Style;
  /** Aborted when nobody reads stdout any more. */
  readonly readerGone: AbortSignal;
  /** Lines of text for people; foreign text in them is already safe. Nothing with `--json`. */
  answer(lines: string | readonly string[]): void;
  /** A report, an event or an error as it is shown here, with every command in it as it has to be typed. */
  shownHere<T>(data: T): T;
  /** One JSON document. Nothing without `--json`. */
  document(data: unknown): void;
  /** The same for one of many that come close together: what is told within a few milliseconds is written as one. */
  event(data: unknown): void;
  /** Text as a program asked for it, on stdout in any format. */
  raw(text: string): void;
  /** Progress, warnings and questions. */
  say(lines: string | readonly string[]): void;
  /** The same without a line end, for a question. */
  prompt(text: string): void;
  /** Waits until a reader that still reads has everything. */
  drained(): Promise<void>;
}

/**
 * Never waits for a reader: what a pipe does not take at once stays in memory. A reader that went away
 * (`| head -1`, a closed terminal) is no crash: `readerGone` is aborted and further text is dropped.
 */
export function openOutput(given: Pick<Given, 'has' | 'value'>, env: Env): Output {
  const suggested = suggestedFrom(given);
  const options = {
    env,
    command: suggested.line,
    colour: given.has('no-color') ? 'never' : 'as-fits',
    ascii: given.has('ascii') ? 'asked' : 'as-fits',
  } as const;
  const format = given.has('json') ? 'json' : 'text';
  const gone = new AbortController();
  const stdout = guarded(process.stdout, () => gone.abort());
  const stderr = guarded(process.stderr, () => undefined);
  const events = gathered((text) => stdout.write(text));
  const written = (text: string) => {
    events.flush();
    stdout.write(text);
  };
  return {
    format,
    style: styleFor({ stream: process.stdout, ...options }),
    sideStyle: styleFor({ stream: process.stderr, ...options }),
    readerGone: gone.signal,
    answer: (lines) => {
      if (format === 'text') written(`${joined(lines)}\n`);
    },
    shownHere: suggested.in,
    document: (data) => {
      if (format === 'json') written(`${toJson(suggested.in(data))}\n`);
    },
    event: (data) => {
      if (format === 'json') events.write(`${toJson(suggested.in(data))}\n`);
    },
    raw: written,
    say: (lines) => stderr.write(`${joined(lines)}\n`),
    prompt: (text) => stderr.write(text),
    drained: async () => {
      events.flush();
      await Promise.all([stdout.drained(), stderr.drained()]);
    },
  };
}

type Env = Readonly<Record<string, string | undefined>>;

interface Guarded {
  write(text: string): void;
  drained(): Promise<void>;
}

function guarded(stream: NodeJS.WriteStream, onGone: () => void): Guarded {
  let open = true;
  stream.on('error', () => {
    open = false;
    onGone();
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    drained: () =>
      new Promise((resolve) => {
        if (!open || stream.writableLength === 0) resolve();
        else stream.write('', () => resolve());
      }),
  };
}

interface Gathered {
  write(text: string): void;
  flush(): void;
}

/**
 * Writes at the end of a turn of the event loop, but not oftener than a screen draws: each write to a pipe wakes
 * whoever reads it, which takes more of the machine than a short statement does.
 */
function gathered(write: (text: string) => void): Gathered {
  let waiting: string[] = [];
  let pause: NodeJS.Timeout | undefined;
  const flush = () => {
    if (waiting.length > 0) write(waiting.join(''));
    waiting = [];
  };
  const flushAndPause = () => {
    pause = undefined;
    if (waiting.length === 0) return;
    flush();
    // Whoever ends the process flushes before.
    pause = setTimeout(flushAndPause, frame).unref();
  };
  beforeHeldUp(flush);
  return {
    write(text) {
      waiting.push(text);
      if (waiting.length === 1 && pause === undefined) setImmediate(flushAndPause);
    },
    flush,
  };
}

/** Milliseconds. */
const frame = 16;

function joined(lines: string | readonly string[]): string {
  return typeof lines === 'string' ? lines : lines.join('\n');
}

/** Foreign text on one line, fit for a terminal. */
export function shown(text: string): string {
  return safe(text, { lines: 'one' });
}
