import { safe } from '../../lib/safe-text.ts';
import type { Given } from '../arguments.ts';
import { toJson } from './json.ts';
import { styleFor, type Style } from './style.ts';

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
  /** One JSON document, or one event. Nothing without `--json`. */
  document(data: unknown): void;
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
export function openOutput(given: Pick<Given, 'has'>, env: Env): Output {
  const options = {
    env,
    colour: given.has('no-color') ? 'never' : 'as-fits',
    ascii: given.has('ascii') ? 'asked' : 'as-fits',
  } as const;
  const format = given.has('json') ? 'json' : 'text';
  const gone = new AbortController();
  const stdout = guarded(process.stdout, () => gone.abort());
  const stderr = guarded(process.stderr, () => undefined);
  return {
    format,
    style: styleFor({ stream: process.stdout, ...options }),
    sideStyle: styleFor({ stream: process.stderr, ...options }),
    readerGone: gone.signal,
    answer: (lines) => {
      if (format === 'text') stdout.write(`${joined(lines)}\n`);
    },
    document: (data) => {
      if (format === 'json') stdout.write(`${toJson(data)}\n`);
    },
    raw: (text) => stdout.write(text),
    say: (lines) => stderr.write(`${joined(lines)}\n`),
    prompt: (text) => stderr.write(text),
    drained: async () => {
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

function joined(lines: string | readonly string[]): string {
  return typeof lines === 'string' ? lines : lines.join('\n');
}

/** Foreign text on one line, fit for a terminal. */
export function shown(text: string): string {
  return safe(text, { lines: 'one' });
}
