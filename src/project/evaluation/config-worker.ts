// Evaluates one configuration file in a process of its own: the file is code, and may print, throw, hang or
// end the process. What it says leaves through descriptor 3, so that its own output cannot get in between.
import { readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { codeOf } from '../../lib/error-code.ts';
import { observe, type Observed } from './observe.ts';

/** What the worker sends: one JSON document, then the end. */
export type WorkerMessage = { readonly observed: Observed } & (
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'no-default-export' }
  | { readonly kind: 'threw'; readonly problem: ThrownProblem }
  | { readonly kind: 'exited'; readonly code: number; readonly line: number | undefined }
);

export interface ThrownProblem {
  readonly message: string;
  readonly code: string | undefined;
  /** The first file of the project on the way to the error, and the line in it. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

const [, , file = '', ownConfigModule = ''] = process.argv;
const observer = observe();
const load = loader();
// The loader's own parser looks at every variable when it is first used; that is no dependency of the file.
load.transform({ source: 'export {}', filename: file, ts: true });
observer.watchVariables();
const exit = process.exit.bind(process);
process.exit = (code) => {
  send({
    kind: 'exited',
    code: Number(code ?? process.exitCode ?? 0),
    line: placeIn(new Error('exit')).line,
  });
  return exit(code);
};
process.on('uncaughtException', (error) => finish({ kind: 'threw', problem: problemOf(error) }));
process.on('unhandledRejection', (error) => finish({ kind: 'threw', problem: problemOf(error) }));
await evaluate();

async function evaluate(): Promise<void> {
  try {
    const loaded = await load.import(file);
    const exported = await defaultExport(loaded);
    finish(
      exported === undefined
        ? { kind: 'no-default-export' }
        : { kind: 'value', value: JSON.parse(JSON.stringify(exported, plain)) },
    );
  } catch (error) {
    finish({ kind: 'threw', problem: problemOf(error) });
  }
}

/**
 * The loader that drizzle-kit 1.0 uses, with `paths` of the project's tsconfig. No cache on disk: it would lie
 * in the project. drizzle-kit itself is not loaded, because `defineConfig`, all that it exports, returns what
 * it is given, and a server that deploys need not have it installed.
 */
function loader() {
  return createJiti(file, {
    fsCache: false,
    moduleCache: false,
    tsconfigPaths: true,
    interopDefault: false,
    alias: { 'migrate-tui': ownConfigModule },
    virtualModules: { 'drizzle-kit': { defineConfig: (config: unknown) => config } },
  });
}

async function defaultExport(loaded: unknown): Promise<unknown> {
  const outer = memberOf(loaded, 'default');
  // A CommonJS file made by a compiler has its default one level deeper.
  const inner = memberOf(outer, '__esModule') === true ? memberOf(outer, 'default') : undefined;
  return await (inner ?? outer);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** JSON leaves out what it does not know; a key with a function in it must be seen to be wrong. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    return { $found: `a ${typeof value}` };
  }
  return value instanceof RegExp || value instanceof Map || value instanceof Set
    ? { $found: `a ${value.constructor.name}` }
    : value;
}

function problemOf(error: unknown): ThrownProblem {
  if (!(error instanceof Error)) {
    return { message: String(error), code: undefined, file: undefined, line: undefined };
  }
  const code = codeOf(error);
  if (error.name === 'SyntaxError' || error.message.startsWith('ParseError')) return syntaxProblem(error);
  const place = placeIn(error);
  const [, specifier] = /Cannot find (?:module|package) '([^']+)'/.exec(error.message) ?? [];
  return {
    message: error.message,
    code,
    ...(specifier === undefined ? place : (importerOf(specifier) ?? place)),
  };
}

/** A parser's message carries its place as "(line:column)", and the file before it. */
function syntaxProblem(error: Error): ThrownProblem {
  const [, path, line] = /(\/\S+?\.\w+):(\d+)/.exec(error.message) ?? [];
  const [, row] = /\((\d+):\d+\)/.exec(error.message) ?? [];
  const message = error.message
    .replace(/^ParseError:\s*/, '')
    .replace(/^\S*[/\\]\S+: /, '')
    .split('\n')[0]
    ?.replace(/\s*\(\d+:\d+\).*/, '')
    .trim();
  const at = row ?? line;
  return {
    message: message ?? '',
    code: 'SyntaxError',
    file: path ?? file,
    line: at === undefined ? undefined : Number(at),
  };
}

/** The stack of a failed import names the loader only; the file that asked for it quotes the name. */
function importerOf(specifier: string): { readonly file: string; readonly line: number } | undefined {
  for (const path of Object.keys(observer.report().files)) {
    if (!/\.[cm]?[jt]sx?$/.test(path)) continue;
    const lines = readFileSync(path, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes(`'${specifier}'`) || line.includes(`"${specifier}"`));
    if (at !== -1) return { file: path, line: at + 1 };
  }
  return undefined;
}

function placeIn(error: Error): { readonly file: string | undefined; readonly line: number | undefined } {
  for (const frame of (error.stack ?? '').split('\n').slice(1)) {
    const [, path, line] =
      /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]+|[A-Za-z]:\\[^()]+):(\d+):\d+\)?$/.exec(frame) ?? [];
    if (path === undefined) continue;
    const named = path.startsWith('file:') ? fileURLToPath(path) : path;
    // Frames of packages and of this program are on the way, never the cause.
    if (/[/\\]node_modules[/\\]/.test(named) || named.startsWith(import.meta.dirname)) continue;
    return { file: named, line: Number(line) };
  }
  return { file: undefined, line: undefined };
}

type Outcome = WorkerMessage extends infer Message
  ? Message extends { readonly observed: Observed }
    ? Omit<Message, 'observed'>
    : never
  : never;

function send(outcome: Outcome): void {
  const bytes = Buffer.from(JSON.stringify({ ...outcome, observed: observer.report() }));
  let sent = 0;
  while (sent < bytes.length) sent += writeSync(3, bytes, sent);
}

/** Ends the process even when the file left a timer or a connection open. */
function finish(outcome: Outcome): void {
  send(outcome);
  exit(0);
}
