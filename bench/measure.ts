import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One line of the result: ours and a peer, timed in turns in the same run. */
export interface Comparison {
  readonly what: string;
  /** Median of ours, in `unit`. */
  readonly ours: number;
  readonly peer?: { readonly name: string; readonly median: number };
  readonly unit: 'ms' | 'MB';
  /** What DESIGN wants: ours at most `limit`, or ours / peer at most `ratio`. */
  readonly target?: { readonly limit: number } | { readonly ratio: number };
}

/** One of the things that are timed against each other: `run` gives the milliseconds of one go. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<number>;
}

/** Times each contender `times` times, taking turns so that a slow minute of the machine hits all; after one warm-up each. */
export async function inTurns(
  contenders: readonly Contender[],
  times: number,
): Promise<ReadonlyMap<string, number>> {
  const taken = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (const { run } of contenders) await run();
  for (let turn = 0; turn < times; turn += 1) {
    for (const { name, run } of contenders) taken.get(name)?.push(await run());
  }
  return new Map(Array.from(taken, ([name, all]) => [name, median(all)]));
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export interface Ran {
  /** Milliseconds from start to exit. */
  readonly took: number;
  /** The largest resident memory of any process of it, in bytes; 0 where the system does not tell. */
  readonly memory: number;
  readonly stdout: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are a success. */
  readonly expect?: readonly number[];
}

/** Runs a program to its end. Throws with its output when it fails, so that nothing is timed that did not work. */
export function run(command: readonly string[], { cwd, env = {}, expect = [0] }: RunOptions): Promise<Ran> {
  const [file = '', ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const begun = performance.now();
  const child = spawn(file, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, residentOf(child.pid ?? 0))), 20);
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('error', reject);
  child.on('close', (code) => {
    clearInterval(watch);
    const took = performance.now() - begun;
    if (code !== null && expect.includes(code)) resolve({ took, memory, stdout });
    else reject(new Error(`${command.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`));
  });
  return promise;
}

/** The environment without what would change how a program draws or what it asks. */
export function cleanEnvironment(): Record<string, string> {
  const left = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'NODE_OPTIONS', 'DATABASE_URL'];
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !left.includes(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}

/** The high-water mark of a process and of what it started, in bytes, from Linux's /proc. */
function residentOf(pid: number): number {
  try {
    const own = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const theirs = children === '' ? [] : children.split(' ').map((child) => residentOf(Number(child)));
    return Math.max(Number(own) * 1024, ...theirs);
  } catch {
    // It ended meanwhile, or this is not Linux.
    return 0;
  }
}
