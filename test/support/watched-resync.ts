import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { holds } from './files-holding.ts';
import { isRunning, peakMemoryOf, processTree, unnamedFilesOf } from './process-tree.ts';
import { startProgram, type ProgramOptions, type Running } from './program.ts';
import type { SmallProject } from './small-project.ts';

/** Bytes that no process of a run needs more than, however large the database is. */
const memoryLimit = 150e6;

/** In every value that is masked or left out: a surname, the beginning of a number, a network. */
export const real = ['Zyxqorsen', '+49 30 90182', '203.0.113.'];

/** Every temporary file, SQLite's too, is then below the folder that is looked through. */
export function placeOf({ root, env }: Pick<SmallProject, 'root' | 'env'>) {
  const temporary = join(root, '..', 'temporary');
  mkdirSync(temporary, { recursive: true });
  const names = ['TMPDIR', 'TMP', 'TEMP', 'SQLITE_TMPDIR'];
  return { cwd: root, env: { ...env, ...Object.fromEntries(names.map((name) => [name, temporary])) } };
}

/** Starts a resync and looks, all the while, at the memory of its processes and into their files without a name. */
export async function watchedResync(
  command: readonly string[],
  place: ProgramOptions,
  work: (run: Running) => Promise<string>,
): Promise<string> {
  const begun = performance.now();
  await using run = await startProgram(command, place);
  let most = 0;
  let holding = 0;
  const look = async () => {
    for (const pid of processTree(run.process.pid ?? 0)) {
      most = Math.max(most, peakMemoryOf(pid));
      for (const path of unnamedFilesOf(pid)) if (await holds(path, real)) holding += 1;
    }
  };
  let looking: Promise<void> | undefined;
  const watch = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, 20);
  try {
    const said = await work(run);
    const seconds = (performance.now() - begun) / 1000;
    await looking;
    expect(holding).toBe(0);
    expect(most).toBeLessThan(memoryLimit);
    return `${said} in ${seconds.toFixed(1)} s, ${Math.round(most / 1e6)} MB in the largest process`;
  } finally {
    clearInterval(watch);
  }
}

/**
 * Kills it with all that it started, and waits until none of them runs.
 *
 * @returns how many there were; 0 where the system does not tell
 */
export async function killAll(run: Running): Promise<number> {
  const tree = processTree(run.process.pid ?? 0);
  run.signal('SIGKILL');
  expect((await run.ended).signal).toBe('SIGKILL');
  await expect.poll(() => tree.filter(isRunning), { timeout: 60_000 }).toEqual([]);
  return tree.length;
}

/** Carries a resync to its end. */
export async function completed(run: Running): Promise<string> {
  const { exitCode, stdout, stderr } = await run.ended;
  for (const word of real) expect((stdout + stderr).toLowerCase()).not.toContain(word.toLowerCase());
  expect([exitCode, run.lines.at(-1)]).toMatchObject([0, { kind: 'done' }]);
  return 'completed';
}
