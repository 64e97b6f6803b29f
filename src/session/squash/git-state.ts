import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { quantity } from '../../lib/numbers.ts';
import { squashedFolder } from '../../migrations/squashed.ts';
import type { SquashProof } from '../../operations/squash-report.ts';

/** Whether git has everything that is about to be replaced, so that one command brings it back. */
export async function gitProof(directory: string, signal: AbortSignal): Promise<SquashProof> {
  const paths = [directory, squashedFolder(directory)].filter((path) => existsSync(path));
  const answer = await git(
    ['status', '--porcelain', '-z', '--untracked-files=all', '--', ...paths],
    directory,
    signal,
  );
  if (answer === undefined) {
    return {
      check: 'git',
      state: 'not-possible',
      says: 'git does not keep this folder; the originals are kept in the archive',
    };
  }
  const changed = answer.split('\0').filter((line) => line !== '');
  if (changed.length > 0) {
    const says = `git has ${quantity(changed.length, 'uncommitted change', 'uncommitted changes')} in the migration folder`;
    return { check: 'git', state: 'differs', says };
  }
  const tracked = await git(['ls-files', '-z', '--', directory], directory, signal);
  return tracked === undefined || tracked === ''
    ? {
        check: 'git',
        state: 'not-possible',
        says: 'git ignores this folder; the originals are kept in the archive',
      }
    : { check: 'git', state: 'proven', says: 'the migration folder is committed' };
}

/** @returns undefined where git has nothing to say: there is none, or the folder is in no repository */
async function git(
  args: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { execa } = await import('execa');
  // Settings of the repository must not start other programs.
  const { failed, stdout, isCanceled } = await execa('git', ['-c', 'core.fsmonitor=false', ...args], {
    cwd: dirname(directory),
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    cancelSignal: signal,
  });
  if (isCanceled) signal.throwIfAborted();
  return failed ? undefined : stdout;
}
