import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../lib/command-line.ts';
import { MigrateError } from '../../lib/errors.ts';
import { gitIn } from '../../runs/git.ts';
import { repositoryRoot } from '../files/git.ts';

/**
 * The files below a folder that are there and are not as they were where the branch left a revision: changed, added or
 * renamed since, committed or not, or not known to git yet. Real paths.
 *
 * @throws MigrateError `usage` where git cannot say it, `not-found` for a revision that it does not know
 */
export async function changedFiles(
  directory: string,
  { revision, signal }: { readonly revision: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (!existsSync(directory)) return [];
  const git = gitIn(directory, signal);
  const top = (await git('rev-parse', '--show-toplevel'))?.replace(/\r?\n$/, '');
  if (top === undefined) throw await noRepository(git, directory, revision);
  const base = await baseOf(git, revision);
  // A person's own setting must not have the names begin at the folder: those of no file would be looked at.
  const asking = [
    '-c',
    'diff.relative=false',
    'diff',
    '--name-only',
    '-z',
    '--no-renames',
    '--diff-filter=d',
  ];
  const changed = await git(...asking, base, '--', '.');
  const unknown = await git('ls-files', '-z', '--others', '--exclude-standard', '--full-name', '--', '.');
  if (changed === undefined || unknown === undefined)
    throw new MigrateError('usage', `git cannot compare ${directory} with ${revision}.`, {
      next: `git diff ${revision} -- ${directory} says why.`,
    });
  return `${changed}${unknown}`
    .split('\0')
    .filter((name) => name !== '')
    .map((name) => join(top, name));
}

type Git = ReturnType<typeof gitIn>;

async function noRepository(git: Git, directory: string, revision: string): Promise<MigrateError> {
  const isThere = (await git('--version')) !== undefined;
  const root = isThere ? repositoryRoot(directory) : undefined;
  if (root !== undefined) return refusedByGit(root);
  return new MigrateError(
    'usage',
    isThere
      ? `${directory} lies in no git repository, so nothing says what changed since ${revision}.`
      : `git is not installed, so nothing says what changed since ${revision}.`,
    { next: 'Name the files instead: migrate-tui lint FILE …' },
  );
}

/** As of a folder that belongs to somebody else, which containers of build machines mostly have. */
function refusedByGit(root: string): MigrateError {
  return new MigrateError('usage', `git refuses to read the repository ${root}.`, {
    next: `git -C ${shellWord(root)} status says why; where it belongs to another user: git config --global --add safe.directory ${shellWord(root)}`,
  });
}

/** Where the branch left the revision: what changed there meanwhile is not this branch's. */
async function baseOf(git: Git, revision: string): Promise<string> {
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  const base = commit === undefined ? undefined : await git('merge-base', commit.trim(), 'HEAD');
  if (base !== undefined) return base.trim();
  const isShallow = (await git('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
  if (isShallow) {
    const lacks = commit === undefined ? `has no ${revision}` : `does not reach back to ${revision}`;
    throw new MigrateError('usage', `The repository is a shallow clone that ${lacks}.`, {
      next: 'Fetch all of it: fetch-depth: 0 for actions/checkout, git fetch --unshallow elsewhere.',
    });
  }
  if (commit === undefined)
    throw new MigrateError('not-found', `git knows no revision ${revision}.`, {
      next: 'Name a branch, a tag or a commit; git fetch brings those of the remote.',
    });
  throw new MigrateError('usage', `What is checked out has no commit in common with ${revision}.`, {
    next: 'Name a revision that the branch comes from.',
  });
}
