import { basename, dirname } from 'node:path';
import { sha256 } from '../lib/hash.ts';
import type { Migration } from '../migrations/migration.ts';
import type { WhatRan } from '../operations/situations/changed.ts';
import { splitMigration } from '../sql/split.ts';
import { gitIn } from './git.ts';

/**
 * What a file was when it had that hash, from the history of what is checked out; undefined when no commit of it has
 * it, and where there is no git. Line ends count as git may give them on another machine.
 */
export async function committedText(
  { file }: Pick<Migration, 'file'>,
  hash: string,
  signal: AbortSignal,
): Promise<WhatRan | undefined> {
  const git = gitIn(dirname(file), signal);
  const log = (await git('log', '--format=%H %cI', `--max-count=${mostCommits}`, '--', basename(file))) ?? '';
  for (const line of log.split('\n').filter((line) => line !== '')) {
    const [commit = '', at = ''] = line.split(' ');
    const text = await git('cat-file', 'blob', `${commit}:./${basename(file)}`);
    if (text === undefined || !spellings(text).some((each) => sha256(each) === hash)) continue;
    return {
      kind: 'commit',
      commit: commit.slice(0, 7),
      at: new Date(at).toISOString(),
      statements: splitMigration(text).map(({ sql }) => sql),
    };
  }
  return undefined;
}

const mostCommits = 50;

function spellings(text: string): readonly string[] {
  const unix = text.replaceAll('\r\n', '\n');
  return [text, unix, unix.replaceAll('\n', '\r\n')];
}
