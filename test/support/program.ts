import { spawn, type ChildProcess } from 'node:child_process';
import { builtPackage, programOf } from './built-package.ts';
import type { Ended } from './cli.ts';

export type Line = Readonly<Record<string, unknown>>;

/** `step-started backup`, `confirmed`, `statement migrate`: what a line is about. */
export function nameOf({ kind, step }: Line): string {
  return [kind, step].filter((word) => typeof word === 'string').join(' ');
}

/** The real program at work: its JSON lines as they come, and its end. */
export interface Running extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly lines: readonly Line[];
  /** Waits for a line; undefined when the program ended without one. */
  line(match: (line: Line, index: number) => boolean): Promise<Line | undefined>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended & { readonly signal: NodeJS.Signals | null }>;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The package that `builtPackage` gave; built from the source as it is now unless told. */
  readonly built?: string;
  /** A shell's command in front of it, such as `ulimit -f 100 && exec "$@"`. */
  readonly shell?: string;
  /** `messages`: `process.send` of the result reaches it, as from the screen on Windows. */
  readonly channel?: 'messages';
}

/** Starts the built program, as users have it. */
export async function startProgram(args: readonly string[], options: ProgramOptions): Promise<Running> {
  const program = [process.execPath, programOf(options.built ?? (await builtPackage())), ...args];
  const [file = '', ...rest] =
    options.shell === undefined ? program : ['sh', '-c', options.shell, 'sh', ...program];
  const { CI, NO_COLOR, FORCE_COLOR, ...env } = process.env;
  void [CI, NO_COLOR, FORCE_COLOR];
  const child = spawn(file, rest, {
    cwd: options.cwd,
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.channel === 'messages' ? (['ipc'] as const) : [])],
  });
  return watched(child);
}

/** Runs it to its end. */
export async function program(args: readonly string[], options: ProgramOptions) {
  const running = await startProgram(args, options);
  const { exitCode, stdout, stderr } = await running.ended;
  return { exitCode, stdout, stderr, lines: running.lines, last: running.lines.at(-1) };
}

function watched(child: ChildProcess): Running {
  const lines: Line[] = [];
  const watchers = new Set<() => void>();
  let stdout = '';
  let stderr = '';
  let rest = '';
  let over = false;
  const tell = () => {
    for (const watcher of watchers) watcher();
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) if (line.startsWith('{')) lines.push(JSON.parse(line));
    tell();
  });
  const ended = new Promise<Awaited<Running['ended']>>((resolve) => {
    child.on('close', (exitCode, signal) => {
      over = true;
      tell();
      resolve({ exitCode, signal, stdout, stderr });
    });
  });
  return {
    process: child,
    lines,
    line: (match) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.find(match);
          if (!found && !over) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    signal: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      if (!over) child.kill('SIGKILL');
      await ended;
    },
  };
}
