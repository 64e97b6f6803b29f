import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { KitProject } from './kit-project.ts';

export interface Branches {
  /** The schema after each migration of a branch, by the migration's name. */
  readonly theirs: Readonly<Record<string, readonly string[]>>;
  readonly ours: Readonly<Record<string, readonly string[]>>;
  /** What a person makes of the schema code when the two are merged. */
  readonly merged: readonly string[];
  /** Whose entries stand first in the merged journal; theirs unless told. */
  readonly first?: 'theirs' | 'ours';
}

/**
 * A real repository in which a branch was merged into main: both made migrations after `0000_first`, and of two files of
 * one name main's was kept, as `git checkout --ours` does it.
 */
export async function mergedBranches(project: KitProject, branches: Branches): Promise<void> {
  const git = gitOf(project);
  await git('init', '--quiet', '--initial-branch=main');
  await project.write('.gitignore', 'node_modules\nstate\n*.db*\n.migrate-tui\n');
  await generated(project, 'first');
  await committed(git, 'first');
  await nextSecond();
  await git('checkout', '--quiet', '-b', 'ours');
  await made(project, branches.ours);
  const ours = await journalOf(project).catch(() => undefined);
  await committed(git, 'ours');
  await git('checkout', '--quiet', 'main');
  await nextSecond();
  await made(project, branches.theirs);
  const theirs = await journalOf(project).catch(() => undefined);
  await committed(git, 'theirs');
  await git('merge', '--quiet', 'ours').catch(() => 'They contradict each other, which is what is wanted.');
  await git('checkout', '--ours', '.').catch(() => 'Of Drizzle 1.0 no file has the name of another.');
  await project.columns(...branches.merged);
  if (ours && theirs) {
    const own = (journal: JournalText) => journal.entries.slice(1);
    const both = branches.first === 'ours' ? [...own(ours), ...own(theirs)] : [...own(theirs), ...own(ours)];
    const entries = [...ours.entries.slice(0, 1), ...both];
    const text = JSON.stringify({ ...ours, entries }, undefined, 2);
    await writeFile(project.file('drizzle/meta/_journal.json'), text);
  }
  await committed(git, 'merged');
}

/** What drizzle-kit numbers by the clock it numbers by its seconds. */
async function nextSecond(): Promise<void> {
  const now = () => Math.floor(Date.now() / 1000);
  const begun = now();
  while (now() === begun) await setTimeout(20);
}

interface JournalText {
  readonly entries: readonly { readonly tag: string; readonly when: number }[];
}

export async function journalOf(project: KitProject): Promise<JournalText> {
  const journal: JournalText = JSON.parse(await readFile(project.file('drizzle/meta/_journal.json'), 'utf8'));
  return journal;
}

async function made(
  project: KitProject,
  migrations: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [name, columns] of Object.entries(migrations)) {
    await project.columns(...columns);
    await generated(project, name);
  }
}

async function generated(project: KitProject, name: string): Promise<void> {
  await using session = await project.session();
  await session.generate({ database: undefined, name, terminal: 'none', signal: undefined });
}

async function committed(git: Git, message: string): Promise<void> {
  await git('add', '--all');
  await git('-c', 'user.name=mira', '-c', 'user.email=mira@example.org', 'commit', '--quiet', '-m', message);
}

type Git = (...args: readonly string[]) => Promise<unknown>;

function gitOf(project: KitProject): Git {
  return (...args) => promisify(execFile)('git', [...args], { cwd: project.path });
}
