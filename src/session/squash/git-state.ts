import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { quantity } from '../../lib/numbers.ts';
import { squashedFolder } from '../../migrations/squashed.ts';
import type { SquashProof } from '../../operations/squash/report.ts';
import { gitIn } from '../../runs/git.ts';

/** Whether git has everything that is about to be replaced, so that one command brings it back. */
export async function gitProof(directory: string, signal: AbortSignal): Promise<SquashProof> {
  const paths = [directory, squashedFolder(directory)].filter((path) => existsSync(path));
  const git = gitIn(dirname(directory), signal);
  const answer = await git('status', '--porcelain', '-z', '--untracked-files=all', '--', ...paths);
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
  const tracked = await git('ls-files', '-z', '--', directory);
  return tracked === undefined || tracked === ''
    ? {
        check: 'git',
        state: 'not-possible',
        says: 'git ignores this folder; the originals are kept in the archive',
      }
    : { check: 'git', state: 'proven', says: 'the migration folder is committed' };
}
