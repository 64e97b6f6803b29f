import { spawn, type ChildProcess } from 'node:child_process';
import { basename, dirname, join, relative } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { packageRoot } from '../../lib/package-root.ts';
import type { ThrownProblem, WorkerMessage } from './config-worker.ts';
import { readCached, writeCached } from './cache.ts';
import type { Variables } from '../dotenv.ts';
import { installCommand } from '../install-command.ts';

export interface EvaluateOptions {
  /** Absolute path of the file. */
  readonly file: string;
  /** Whose variables these are: evaluations are kept apart by it. */
  readonly environment?: string | undefined;
  /** What the file sees as `process.env`. */
  readonly variables: Variables;
  /** Folder of the cache of evaluations. */
  readonly cache: string;
  readonly unset?: UnsetVariables | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until a file that does not end is given up; 10 s unless said. */
  readonly timeout?: number | undefined;
}

/**
 * What becomes of a variable that a file reads and that is not set: the file may stop for it (`missed`), or is read
 * again with something in its place, where nobody is going to use what it says.
 */
export type UnsetVariables = 'missed' | 'stand-in';

/**
 * The default export of a configuration file, as plain JSON data; what JSON cannot hold is `{ $found: 'a function' }`.
 *
 * It runs in a process of its own, unless nothing that it read the last time has changed.
 * Throws `config` with file, line, reason and what to do; `interrupted` when the signal came.
 */
export async function evaluate(given: EvaluateOptions): Promise<unknown> {
  const options = { ...given, variables: steady(given) };
  const cached = readCached(options);
  if (cached !== undefined) return cached.value;
  const message = await runWorker(options);
  if (message.kind === 'value') {
    writeCached(options, message);
    return message.value;
  }
  const again = given.unset === 'stand-in' ? withStandIns(given.variables, message) : undefined;
  if (again) return evaluate({ ...given, variables: again });
  throw failureOf(message, options);
}

/** Undefined where no variable was missing that had not got one before. */
function withStandIns(
  variables: Variables,
  { observed }: Exclude<WorkerMessage, { kind: 'value' }>,
): Variables | undefined {
  const missing = missingIn(observed.variables);
  if (missing.length === 0) return undefined;
  // Some files look whether it is an address.
  return { ...variables, ...Object.fromEntries(missing.map((name) => [name, 'https://not-set.invalid'])) };
}

/** Without what a shell changes from command to command. */
function steady({ variables, file }: EvaluateOptions): Variables {
  return { ...variables, PWD: dirname(file), OLDPWD: undefined, SHLVL: undefined, _: undefined };
}

async function runWorker(options: EvaluateOptions): Promise<WorkerMessage> {
  const { file, variables, signal, timeout = 10_000 } = options;
  if (signal?.aborted) throw interrupted(file);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...workerArguments(file)], {
    cwd: dirname(file),
    env: { ...variables },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeout);
  try {
    const { sent, code, died } = await ended(child);
    const message = sent === '' ? undefined : parseMessage(sent);
    if (message !== undefined) return message;
    if (signal?.aborted) throw interrupted(file);
    if (timedOut) throw hung(file, timeout);
    throw new MigrateError(
      'config',
      `${basename(file)} ended its process ${died ?? `with exit code ${code}`} before it could be read.`,
      {
        next: `Make ${file} return its configuration without ending the process.`,
      },
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** The worker lies beside this file in the source, and in `dist` once it is built. */
function workerArguments(file: string): readonly string[] {
  const root = packageRoot();
  const source = import.meta.url.endsWith('.ts');
  const worker = source
    ? join(root, 'src/project/evaluation/config-worker.ts')
    : join(root, 'dist/config-worker.js');
  return [worker, file, source ? join(root, 'src/config.ts') : join(root, 'dist/config.js')];
}

interface Ended {
  readonly sent: string;
  readonly code: number | null;
  readonly died: string | undefined;
}

function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    child.stdio[3]?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code, died) => {
      const sent = Buffer.concat(chunks).toString();
      resolve({ sent, code, died: died === null ? undefined : `by ${died}` });
    });
  });
}

function parseMessage(sent: string): WorkerMessage | undefined {
  try {
    // Written by our own worker, in the shape of its type.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(sent) as WorkerMessage;
  } catch {
    // It was killed while it wrote: the same as having sent nothing.
    return undefined;
  }
}

function failureOf(
  message: Exclude<WorkerMessage, { kind: 'value' }>,
  { file }: EvaluateOptions,
): MigrateError {
  const name = basename(file);
  switch (message.kind) {
    case 'no-default-export':
      return new MigrateError('config', `${name} has no default export.`, {
        next: `Let ${file} say "export default defineConfig({ … })".`,
      });
    case 'exited':
      return new MigrateError(
        'config',
        `${name} called process.exit(${message.code})${onLine(message.line)} before it could be read.`,
        { next: `Throw an error in ${file} instead: its message is then shown here.` },
      );
    case 'threw':
      return threw(message.problem, message.observed.variables, file);
  }
}

function threw(
  problem: ThrownProblem,
  read: Variables | Readonly<Record<string, string | null>>,
  file: string,
): MigrateError {
  const name = basename(file);
  const where =
    problem.file === undefined || problem.file === file ? '' : ` of ${relative(dirname(file), problem.file)}`;
  const place =
    problem.line === undefined ? where.replace(' of ', ', in ') : `, line ${problem.line}${where}`;
  const reason = masked(problem.message.split('\n')[0] ?? '', read);
  return new MigrateError(
    'config',
    `${name} stopped with: ${reason}${place === '' ? '' : ` (${place.slice(2)})`}.`,
    {
      next: fixFor(problem, file, read),
    },
  );
}

function fixFor(
  problem: ThrownProblem,
  file: string,
  read: Readonly<Record<string, string | null | undefined>>,
): string {
  const missing = missingPackage(problem);
  if (missing !== undefined) return `Install it: ${installCommand(dirname(file))} ${missing}`;
  const suspects = missingIn(read);
  const also =
    suspects.length === 0
      ? ''
      : ` It read ${suspects.slice(0, 5).join(', ')}, which ${suspects.length === 1 ? 'is' : 'are'} not set: set ${suspects.length === 1 ? 'it' : 'them'} or write .env.`;
  return `Correct ${problem.file ?? file}.${also}`;
}

/** Variables that were read and are not set, by the names that a configuration gives them. */
function missingIn(read: Readonly<Record<string, string | null | undefined>>): readonly string[] {
  return Object.entries(read).flatMap(([name, value]) =>
    !value && /^[A-Z][A-Z0-9_]*$/.test(name) && !ofNode.test(name) ? [name] : [],
  );
}

// Looked at by Node and by packages that a configuration loads, never what it misses.
const ofNode =
  /^(?:NODE_|WATCH_REPORT_|JITI_|BABEL_|DEBUG|DOTENV_|FORCE_COLOR$|NO_COLOR$|CI$|TERM$|COLORTERM$|TMPDIR$)/;

function missingPackage(problem: ThrownProblem): string | undefined {
  const [, specifier] = /Cannot find (?:module|package) '([^']+)'/.exec(problem.message) ?? [];
  if (specifier === undefined || /^[./]|^[A-Za-z]:|^node:|^[#~@]\//.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** A thrown message may quote what it could not use: values of variables are taken out of it. */
function masked(message: string, read: Readonly<Record<string, string | null | undefined>>): string {
  const values = Object.entries(read).flatMap(([name, value]) =>
    value && isTelling(name, value) ? [value] : [],
  );
  const longestFirst = values.toSorted((a, b) => b.length - a.length);
  return withoutCredentials(longestFirst.reduce((text, value) => text.replaceAll(value, '••••'), message));
}

function isTelling(name: string, value: string): boolean {
  return value.length >= 12 || (value.length >= 4 && /TOKEN|SECRET|KEY|PASS|AUTH|URL/i.test(name));
}

function withoutCredentials(message: string): string {
  return message
    .replace(/(authToken|token|password)=[^&\s'"]+/gi, '$1=••••')
    .replace(/(:\/\/)[^/\s'"@]+@/g, '$1••••@');
}

function onLine(line: number | undefined): string {
  return line === undefined ? '' : ` on line ${line}`;
}

function hung(file: string, timeout: number): MigrateError {
  return new MigrateError(
    'config',
    `${basename(file)} did not finish within ${timeout / 1000} s and was stopped.`,
    {
      next: `Look in ${file} for something that waits: a connection, a prompt, an endless loop.`,
    },
  );
}

function interrupted(file: string): MigrateError {
  return new MigrateError(
    'interrupted',
    `Interrupted while ${basename(file)} was read; nothing was changed.`,
  );
}
