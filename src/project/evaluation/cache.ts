import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { hashOf, sha256 } from '../../lib/hash.ts';
import { version } from '../../lib/version.ts';
import type { WorkerMessage } from './config-worker.ts';
import type { Variables } from '../dotenv.ts';
import { decode, encode, holdsLiteralSecret } from './references.ts';

/** Folder of the evaluations that are kept: the user's cache, never the project. */
export function cacheFolder(env: Variables): string {
  const named = env['XDG_CACHE_HOME'];
  const base = named !== undefined && isAbsolute(named) ? named : join(env['HOME'] ?? homedir(), '.cache');
  return join(base, 'migrate-tui', 'configs');
}

interface Kept {
  /** Version of this program and of Node. */
  readonly madeBy: string;
  readonly names: readonly string[];
  /** One hash over all values that were read, so that no single one can be guessed from it. */
  readonly values: string;
  readonly files: Readonly<Record<string, string | null>>;
  readonly packages: Readonly<Record<string, string>>;
  readonly asked: Readonly<Record<string, boolean>>;
  /** The result, with references in place of values of variables. */
  readonly value: unknown;
}

interface CacheOptions {
  readonly file: string;
  readonly environment?: string | undefined;
  readonly variables: Variables;
  readonly cache: string;
}

/** The kept result, when everything that it depended on is as it was. */
export function readCached({
  file,
  environment,
  variables,
  cache,
}: CacheOptions): { readonly value: unknown } | undefined {
  const kept = readKept(join(cache, nameOf(file, environment)));
  if (kept === undefined || kept.madeBy !== madeBy() || kept.values !== valuesOf(kept.names, variables))
    return undefined;
  const fresh =
    Object.entries(kept.files).every(([path, hash]) => contentOf(path) === hash) &&
    Object.entries(kept.packages).every(([path, stamp]) => stampOf(path) === stamp) &&
    Object.entries(kept.asked).every(([path, there]) => existsSync(path) === there);
  return fresh ? { value: decode(kept.value, variables) } : undefined;
}

/**
 * Keeps a result, unless it holds a secret that is not the value of a variable, or depended on something
 * that cannot be checked again (a subprocess, a request).
 */
export function writeCached(
  { file, environment, variables, cache }: CacheOptions,
  message: Extract<WorkerMessage, { kind: 'value' }>,
): void {
  const { variables: seen, files, packages, asked, beyond } = message.observed;
  // Ones that the file set itself, with a dotenv of its own, are not known at the next start.
  const known = Object.entries(seen).every(([name, value]) => (variables[name] ?? null) === value);
  const value = encode(message.value, seen);
  if (beyond !== undefined || !known || holdsLiteralSecret(value)) return;
  const names = Object.keys(seen);
  const kept: Kept = {
    madeBy: madeBy(),
    names,
    values: valuesOf(names, variables),
    files,
    packages,
    asked,
    value,
  };
  writePrivately(cache, nameOf(file, environment), JSON.stringify(kept));
}

function nameOf(file: string, environment = ''): string {
  return `${sha256(`${file}\n${environment}`).slice(0, 32)}.json`;
}

function madeBy(): string {
  return `migrate-tui ${version()}, Node ${process.versions.node}`;
}

function valuesOf(names: readonly string[], variables: Variables): string {
  return hashOf(names.map((name) => [name, variables[name] ?? null]));
}

function readKept(path: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isKept(kept) ? kept : undefined;
  } catch {
    // Not there, not readable, cut short: then the file is evaluated, as on the first start.
    return undefined;
  }
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['madeBy', 'names', 'values', 'files', 'packages', 'asked', 'value'].every((key) => key in value)
  );
}

function contentOf(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch {
    // A file that could not be read the last time either is unchanged.
    return null;
  }
}

function stampOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.size} ${found.mtimeMs}`;
}

function writePrivately(folder: string, name: string, content: string): void {
  const made = join(folder, `${name}.${process.pid}`);
  try {
    makeFolder(folder);
    writeFileSync(made, content, { mode: 0o600 });
    renameSync(made, join(folder, name));
  } catch {
    // A cache that cannot be written costs the next start some time and is no reason to stop this one;
    // `doctor` says so.
    if (existsSync(made)) rmSync(made, { force: true });
  }
}

/** Step by step: `recursive` never returns where no folder can be made, such as below /proc (Node 24). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}
