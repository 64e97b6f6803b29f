import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StopSignal } from '../../lib/stop-message.ts';
import { askToStop, stdioOf } from './ask-to-stop.ts';
import { errorOf, type MigrateErrorView } from './error.ts';
import { LineReader, parsedLine } from './lines.ts';
import { Tail } from './tail.ts';

/** How the command line is started: by this program, for this project. */
export interface ClientOptions {
  /** The program and its first arguments: Node and `bin/migrate-tui.js`. */
  readonly command: readonly [string, ...string[]];
  /** Common flags that every child gets: `--project DIR`, `--config F`, `--show-values`. */
  readonly flags: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What comes of a child, each called later than the call that started it. */
export interface Listener {
  /** One line of its stdout, parsed; lines that are no JSON are left out. */
  readonly onLine: (document: unknown) => void;
  readonly onEnd: (end: ChildEnd) => void;
}

export interface ChildEnd {
  /** Undefined: ended by a signal. */
  readonly exitCode: number | undefined;
  /** Set when it failed, or ended without any line. */
  readonly error: MigrateErrorView | undefined;
}

/** A child that is being listened to. */
export interface Listening extends Disposable {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined;
  /** Asks for its end: at the next boundary, and where it stands when asked with SIGINT twice within two seconds. */
  stop(signal: StopSignal): void;
}

/** Starts the command line as children and gives back the documents that CI would read. */
export interface Client extends Disposable {
  /** Reads only. Disposing ends the child. */
  read(args: readonly string[], listener: Listener): Listening;
  /** A process of its own, writing to a file: it goes on when this program dies. Disposing only stops listening. */
  start(args: readonly string[], listener: Listener): Listening;
  /** Where every child appends what left the program, one TraceEntry a line. */
  readonly log: string;
}

export function openClient(options: ClientOptions): Client {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-tui-'));
  const log = join(folder, 'commands.ndjson');
  const reading = new Set<ChildProcess>();
  const running = new Set<ChildProcess>();
  let started = 0;
  const command = (args: readonly string[]): readonly string[] => [
    ...options.command.slice(1),
    ...args,
    ...options.flags,
    '--json',
    '--log',
    log,
  ];
  return {
    log,
    read(args, listener) {
      const child = spawn(options.command[0], command(args), {
        cwd: options.cwd,
        env: childEnv(options.env),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return listenToPipe(child, args, track(reading, child), listener);
    },
    start(args, listener) {
      started += 1;
      const files = { out: join(folder, `${started}.ndjson`), err: join(folder, `${started}.err`) };
      const child = spawnToFiles(options, command(args), files);
      track(running, child);
      return listenToFile(child, args, files, listener);
    },
    [Symbol.dispose]() {
      for (const child of reading) child.kill('SIGTERM');
      // A run that goes on still writes there.
      if (running.size === 0) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Children write JSON for a program: neither colour nor a screen of their own. */
function childEnv(env: ClientOptions['env']): NodeJS.ProcessEnv {
  return { ...env, NO_COLOR: '1', FORCE_COLOR: undefined };
}

function track(set: Set<ChildProcess>, child: ChildProcess): Set<ChildProcess> {
  set.add(child);
  child.once('close', () => set.delete(child));
  child.once('error', () => set.delete(child));
  return set;
}

function listenToPipe(
  child: ChildProcess,
  args: readonly string[],
  alive: ReadonlySet<ChildProcess>,
  listener: Listener,
): Listening {
  const lines = new LineReader();
  const left = { lastLine: undefined as unknown, stderr: '' };
  let listening = true;
  const take = (found: readonly string[]): void => {
    for (const line of found) {
      const document = parsedLine(line);
      if (document === undefined) continue;
      left.lastLine = document;
      if (listening) listener.onLine(document);
    }
  };
  child.stdout?.on('data', (bytes: Buffer) => take(lines.push(bytes)));
  child.stderr?.on('data', (bytes: Buffer) => (left.stderr += bytes.toString('utf8')));
  const end = (exitCode: number | undefined): void => {
    take(lines.end());
    if (listening) listener.onEnd(endOf(args, exitCode, left));
    listening = false;
  };
  child.once('error', (error) => {
    left.stderr += error.message;
    end(undefined);
  });
  child.once('close', (code) => end(code ?? undefined));
  return {
    pid: child.pid,
    stop: (signal) => askToStop(child, signal),
    [Symbol.dispose]() {
      listening = false;
      if (alive.has(child)) child.kill('SIGTERM');
    },
  };
}

function spawnToFiles(
  options: ClientOptions,
  args: readonly string[],
  files: { readonly out: string; readonly err: string },
): ChildProcess {
  const out = openSync(files.out, 'w', 0o600);
  const err = openSync(files.err, 'w', 0o600);
  try {
    // Detached: a ctrl-c of the terminal, or its end, does not reach the run by itself.
    return spawn(options.command[0], args, {
      cwd: options.cwd,
      env: childEnv(options.env),
      stdio: stdioOf(out, err),
      detached: true,
    });
  } finally {
    closeSync(out);
    closeSync(err);
  }
}

/** Milliseconds between two looks at a run's file: faster than an eye, slow enough to cost nothing. */
const lookEvery = 40;

function listenToFile(
  child: ChildProcess,
  args: readonly string[],
  files: { readonly out: string; readonly err: string },
  listener: Listener,
): Listening {
  const tail = new Tail(files.out);
  let lastLine: unknown;
  const look = (): void => {
    for (const line of tail.poll()) {
      const document = parsedLine(line);
      if (document === undefined) continue;
      lastLine = document;
      listener.onLine(document);
    }
  };
  const timer = setInterval(look, lookEvery);
  let listening = true;
  const stop = (): void => {
    listening = false;
    clearInterval(timer);
    tail[Symbol.dispose]();
  };
  const end = (exitCode: number | undefined, said: string): void => {
    if (!listening) return;
    look();
    stop();
    listener.onEnd(endOf(args, exitCode, { lastLine, stderr: said || textOf(files.err) }));
  };
  child.once('error', (error) => end(undefined, error.message));
  child.once('exit', (code) => end(code ?? undefined, ''));
  // The screen may end before the run: nothing here keeps it alive but what is on the screen.
  child.unref();
  child.channel?.unref();
  return { pid: child.pid, stop: (signal) => askToStop(child, signal), [Symbol.dispose]: stop };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A document that answers is an answer with any exit code: `verify` ends with 3 and says what differs. */
function endOf(
  args: readonly string[],
  exitCode: number | undefined,
  left: { readonly lastLine: unknown; readonly stderr: string },
): ChildEnd {
  const answered = left.lastLine !== undefined && !isFailure(left.lastLine);
  return { exitCode, error: answered ? undefined : errorOf({ args, exitCode, ...left }) };
}

function isFailure(document: unknown): boolean {
  return (
    typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'failed'
  );
}
