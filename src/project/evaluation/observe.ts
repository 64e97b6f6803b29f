import childProcess from 'node:child_process';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../lib/hash.ts';

/** What an evaluation depended on: while all of it is the same, so is its result. */
export interface Observed {
  /** The variables that were looked at, with the value seen first; null when it was not set. */
  readonly variables: Readonly<Record<string, string | null>>;
  /** Files outside node_modules with the hash of what was read; null when it could not be read. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Files of packages, with size and time of change. */
  readonly packages: Readonly<Record<string, string>>;
  /** Paths that were asked for, and whether they were there. */
  readonly asked: Readonly<Record<string, boolean>>;
  /** Something that cannot be asked again cheaply: a subprocess, a request, a folder's listing. */
  readonly beyond: string | undefined;
}

/** What a process reads. Meant for a process that evaluates one file and ends. */
export interface Observer {
  /** Begins to watch variables too: after the loader has looked at those that concern itself. */
  watchVariables(): void;
  report(): Observed;
}

/** Begins to watch the files that this process reads. */
export function observe(): Observer {
  const seen: Seen = { variables: {}, files: {}, packages: {}, asked: {}, beyond: undefined };
  watchReads(seen);
  watchExistence(seen);
  watchBeyond(seen);
  syncBuiltinESMExports();
  return {
    watchVariables: () => watchVariables(seen),
    report: () => {
      // What Node's own loader read did not pass through here.
      for (const path of Object.keys(createRequire(import.meta.url).cache)) note(seen, path, undefined);
      return seen;
    },
  };
}

interface Seen {
  variables: Record<string, string | null>;
  files: Record<string, string | null>;
  packages: Record<string, string>;
  asked: Record<string, boolean>;
  beyond: string | undefined;
}

function watchVariables(seen: Seen): void {
  const original = process.env;
  const look = (name: string | symbol) => {
    if (typeof name === 'string' && !Object.hasOwn(seen.variables, name)) {
      seen.variables[name] = original[name] ?? null;
    }
  };
  process.env = new Proxy(original, {
    get: (target, name) => {
      look(name);
      return Reflect.get(target, name);
    },
    has: (target, name) => {
      look(name);
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor: (target, name) => {
      look(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
}

const realRead = fs.readFileSync;
const realStat = fs.statSync;

// `readFileSync` opens through the same `fs.openSync` that is watched: what it reads is noted by itself.
let readingWhole = 0;

function watchReads(seen: Seen): void {
  fs.readFileSync = new Proxy(realRead, {
    apply: (read, self, args) => {
      const path = pathOf(args[0]);
      readingWhole += 1;
      try {
        const content: unknown = Reflect.apply(read, self, args);
        if (path !== undefined) note(seen, path, content);
        return content;
      } catch (error) {
        if (path !== undefined && !isInPackage(path)) seen.files[path] = null;
        throw error;
      } finally {
        readingWhole -= 1;
      }
    },
  });
}

function note(seen: Seen, path: string, content: unknown): void {
  if (isInPackage(path)) {
    seen.packages[path] ??= stampOf(path);
    return;
  }
  if (Object.hasOwn(seen.files, path)) return;
  const bytes = typeof content === 'string' || content instanceof Uint8Array ? content : realRead(path);
  seen.files[path] = sha256(bytes);
}

/** Size and time of change of a package's file: enough to see that another version was installed. */
function stampOf(path: string): string {
  const { size, mtimeMs } = realStat(path);
  return `${size} ${mtimeMs}`;
}

function isInPackage(path: string): boolean {
  return /[/\\]node_modules[/\\]/.test(path);
}

function watchExistence(seen: Seen): void {
  fs.existsSync = new Proxy(fs.existsSync, {
    apply: (exists, self, args) => {
      const there: unknown = Reflect.apply(exists, self, args);
      const path = pathOf(args[0]);
      if (path !== undefined && !isInPackage(path)) seen.asked[path] ??= there === true;
      return there;
    },
  });
}

function watchBeyond(seen: Seen): void {
  const mark = (what: string, target: object, name: string) => {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function') return;
    const marked = new Proxy(original, {
      apply: (call, self, args) => {
        if (readingWhole === 0) seen.beyond ??= what;
        return Reflect.apply(call, self, args);
      },
    });
    Reflect.set(target, name, marked);
  };
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
    mark(`child_process.${name}`, childProcess, name);
  }
  const listings = [
    'readdir',
    'readdirSync',
    'opendir',
    'opendirSync',
    'glob',
    'globSync',
    'open',
    'openSync',
  ];
  for (const name of [...listings, 'readFile', 'createReadStream']) mark(`fs.${name}`, fs, name);
  for (const name of ['readdir', 'opendir', 'glob', 'open', 'readFile'])
    mark(`fs.promises.${name}`, fs.promises, name);
  mark('fetch', globalThis, 'fetch');
}

function pathOf(given: unknown): string | undefined {
  if (typeof given === 'string') return resolve(given);
  if (given instanceof URL && given.protocol === 'file:') return fileURLToPath(given);
  if (Buffer.isBuffer(given)) return resolve(given.toString());
  return undefined;
}
