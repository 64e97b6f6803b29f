import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pass } from 'node:timers/promises';
import { expect } from 'vitest';
import { program, startProgram, type Line, type ProgramOptions } from './program.ts';

export const deployStaging = ['deploy', 'staging', '--yes', '--json'];

/**
 * Kills a deploy after it has printed some lines, and a little later: a random moment is what is wanted here.
 *
 * @param pause milliseconds after the last of the lines
 * @returns the step that it was in; undefined when it was over before
 */
export async function killedDeploy(
  place: ProgramOptions,
  { lines, pause }: { readonly lines: number; readonly pause: number },
): Promise<string | undefined> {
  await using running = await startProgram(deployStaging, place);
  if (lines > 0) await running.line((_line, index) => index === lines - 1);
  await pass(pause);
  const where = stepOf(running.lines);
  running.signal('SIGKILL');
  const { signal } = await running.ended;
  return signal === 'SIGKILL' ? where : undefined;
}

/** What `status` says when a run did not end. */
export const cutOff = /Run \d+ (?:\(deploy\) )?of \S+ was cut off/;

/** What `status` says of the environments, as one text. */
export async function statusText(place: ProgramOptions): Promise<string> {
  const { exitCode, last } = await program(['status', 'staging', '--json'], place);
  expect(exitCode).toBe(0);
  return JSON.stringify(last?.['environments']);
}

/** Runs of which the project's record knows no end. */
export function unfinishedRuns({ cwd }: Pick<ProgramOptions, 'cwd'>): readonly unknown[] {
  const ledger = join(cwd, '.migrate-tui', 'ledger.db');
  if (!existsSync(ledger)) return [];
  using database = new DatabaseSync(ledger, { timeout: 10_000 });
  return database.prepare('SELECT id FROM runs WHERE finished_at IS NULL').all();
}

/** @param ending of the files that hold the copies, such as `.db` */
export async function holdsOnlyWholeBackups(place: ProgramOptions, ending: string): Promise<void> {
  const { last } = await program(['backups', 'staging', '--json'], place);
  const backups: readonly Listed[] = JSON.parse(JSON.stringify(last?.['backups']));
  expect(backups.length).toBeGreaterThan(0);
  for (const { path, databases } of backups) {
    for (const { database, sha256 } of databases) {
      const copy = readFileSync(join(path, `${database}${ending}`));
      expect(createHash('sha256').update(copy).digest('hex')).toBe(sha256);
    }
  }
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, so that a seed gives the same moments again. */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Listed {
  readonly path: string;
  readonly databases: readonly { readonly database: string; readonly sha256: string }[];
}

function stepOf(lines: readonly Line[]): string {
  const begun = lines.findLast(({ kind }) => kind === 'step-started');
  const what = begun?.['tag'] ?? begun?.['step'];
  return typeof what === 'string' ? what : 'before the first step';
}
