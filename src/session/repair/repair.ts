import { MigrateError } from '../../lib/errors.ts';
import type { Database } from '../../project/project.ts';
import { oneDatabase } from '../kit/one-database.ts';
import type { Workspace } from '../workspace.ts';
import { exchange } from './exchange.ts';
import { copyOfFolder } from './folder-copy.ts';
import { repairBranches } from './repair-branches.ts';
import { repairJournal } from './repair-journal.ts';
import { whereRun } from './where-run.ts';
import type { Moved } from './put-after.ts';

export interface WantedRepair {
  readonly database: string | undefined;
  readonly consent: 'given' | 'not-given';
  readonly signal: AbortSignal | undefined;
}

/** What is done to a copy of the folder; the folder itself follows when somebody agrees. */
export type RepairedCopy =
  /** With the same statements, after the others. */
  | { readonly kind: 'moved'; readonly moved: readonly [Moved, ...Moved[]] }
  /** By one that drizzle-kit wrote after the others; `to` and `sql` are absent where nothing is left to be done. */
  | {
      readonly kind: 'replaced';
      readonly from: readonly [string, ...string[]];
      readonly to?: string;
      readonly sql?: string;
    };

export type Repair = RepairedCopy & {
  readonly database: string;
  /** Where the files of before are kept, relative to the project. */
  readonly kept: string;
};

/**
 * Puts migrations of one branch after those of another, where the two contradict each other and no environment has run
 * them. Undefined when nothing contradicts itself.
 *
 * @throws MigrateError `refused` where an environment has run them or may have, or where nothing proves that the others
 *   are left as they are; `not-confirmed`
 */
export async function repair(
  workspace: Workspace,
  { database: wanted, consent, signal = new AbortController().signal }: WantedRepair,
): Promise<Repair | undefined> {
  const database = oneDatabase(workspace, wanted);
  const { format } = await workspace.folderOf(database);
  const repairCopy = format === 'drizzle-1' ? repairBranches : repairJournal;
  await using copy = await copyOfFolder(workspace, database);
  const why = whereRun(workspace, database, 'what has run keeps its name and its time');
  const done = await repairCopy({ workspace, database, copy: copy.path, why, signal });
  if (done === undefined) return undefined;
  if (consent === 'not-given') throw notConfirmed(done, database, wanted);
  const tag = done.kind === 'moved' ? done.moved[0].from : done.from[0];
  const kept = await exchange(workspace, { directory: database.directory, copy: copy.path, tag });
  return { ...done, database: database.name, kept };
}

function notConfirmed(done: RepairedCopy, { name }: Database, wanted: string | undefined): MigrateError {
  const flags = wanted === undefined ? '' : ` --database ${name}`;
  return new MigrateError(
    'not-confirmed',
    `${wouldBe(done)} Nobody agreed to that yet, and nothing was changed.`,
    { next: `Run: migrate-tui check --repair${flags} --yes` },
  );
}

function wouldBe(done: RepairedCopy): string {
  if (done.kind === 'moved') {
    const each = done.moved.map(({ from, to }) => `${from} would become ${to}`).join(', ');
    return `${each}, with the same statements, after all others.`;
  }
  const from = done.from.join(' and ');
  return done.to === undefined
    ? `${from} would be taken away: the others make all that the schema says.`
    : `drizzle-kit would write ${done.to} after the others in the place of ${from}, with these statements:\n${done.sql?.trim() ?? ''}\n`;
}
