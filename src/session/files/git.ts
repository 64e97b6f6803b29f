import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * The branch and commit that are checked out, read from git's own files: starting git would cost more than
 * everything else that status does. Undefined without git, and for what packed or linked refs hide.
 */
export interface GitState {
  readonly branch: string | undefined;
  readonly commit: string | undefined;
}

/** Read from the files of the repository: no git need be installed. */
export async function gitState(folder: string): Promise<GitState> {
  const git = await gitFolder(folder);
  if (git === undefined) return { branch: undefined, commit: undefined };
  const head = (await read(join(git, 'HEAD')))?.trim() ?? '';
  const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1];
  if (branch === undefined) return { branch: undefined, commit: head || undefined };
  return { branch, commit: await commitOf(git, `refs/heads/${branch}`) };
}

/** The short commit, as run records carry it. */
export async function gitHead(folder: string): Promise<string | undefined> {
  return (await gitState(folder)).commit?.slice(0, 7);
}

/** The root of the repository that a folder lies in; undefined outside of one. */
export function repositoryRoot(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

async function gitFolder(folder: string): Promise<string | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const entry = join(at, '.git');
    if ((await read(join(entry, 'HEAD'))) !== undefined) return entry;
    // A worktree and a submodule have a file that says where the folder is.
    const pointer = /^gitdir: (.+)$/m.exec((await read(entry)) ?? '')?.[1];
    if (pointer !== undefined) return resolve(at, pointer.trim());
    if (dirname(at) === at) return undefined;
  }
}

async function commitOf(git: string, ref: string): Promise<string | undefined> {
  const common = (await read(join(git, 'commondir')))?.trim();
  const home = common === undefined ? git : resolve(git, common);
  const loose = (await read(join(home, ref)))?.trim();
  if (loose) return loose;
  const packed = (await read(join(home, 'packed-refs'))) ?? '';
  return packed
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0];
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    // Not a file, not there, not ours: each means that git has nothing to say here.
    return undefined;
  }
}
