import { undoSquash } from '../../migrations/squash-files.ts';
import { refusalsOf } from '../../operations/squash/refusals.ts';
import type { SquashEnvironment, SquashReport, SquashRequest } from '../../operations/squash/report.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { askEnvironments, judgeForUndo } from './ask-environments.ts';
import { databaseFlag } from './database-flag.ts';
import { inPlace } from './in-place.ts';
import { newestSquash } from './newest-squash.ts';
import { reportHead } from './report-head.ts';

/** Puts the originals of the newest squash back, unless an environment was made from the one file. */
export async function undo(
  workspace: Workspace,
  database: Database,
  { leaveOut, consent }: SquashRequest,
  signal: AbortSignal,
): Promise<SquashReport> {
  const folder = await workspace.folderOf(database);
  const newest = await newestSquash(folder);
  const migrations = newest?.made.migrations ?? [];
  const head = reportHead(workspace, { database, folder, migrations, newest });
  if (!newest) {
    const next = 'No file of the folder is a squashed one, as its archive knows it.';
    return { ...head, state: 'nothing', next };
  }
  const { baseline, made } = newest;
  // Reading them proves that the archive is whole.
  await baseline.squashed?.originals();
  const judge = judgeForUndo(baseline);
  const environments = await askEnvironments(workspace, { database, leaveOut, signal, judge });
  const refusals = refusalsOf({ proofs: [], environments, changing: [], other: [] });
  const flag = databaseFlag(workspace, database);
  const report = { ...head, environments, refusals };
  if (refusals.length > 0) {
    return { ...report, state: 'refused', next: nextOf(environments, baseline.tag, flag) };
  }
  if (consent === 'not-given') {
    return {
      ...report,
      state: 'possible',
      next: `Nothing was written. Add --yes to put the originals back: ${['migrate-tui squash --undo', ...flag].join(' ')} --yes`,
    };
  }
  signal.throwIfAborted();
  await inPlace(folder.directory, () => undoSquash(folder, baseline, made));
  const next = 'Every original is in its place again. Commit the folder.';
  const now = reportHead(workspace, { database, folder, migrations, newest: undefined });
  return { ...now, environments, state: 'undone', next };
}

function nextOf(
  environments: readonly SquashEnvironment[],
  tag: string,
  database: readonly string[],
): string {
  const open = environments.filter(({ state }) => state === 'depends').map(({ environment }) => environment);
  if (open.length === 0) return 'Nothing was written.';
  const out = environments.filter(({ state }) => state === 'left-out').map(({ environment }) => environment);
  const leaveOut = [...out, ...open].map((name) => `--leave-out ${name}`);
  const undone = ['migrate-tui squash --undo', ...leaveOut, ...database].join(' ');
  const recorded = ['migrate-tui baseline', open.join(' and '), `--at ${tag}`, ...database].join(' ');
  return `Nothing was written. What is left out by name gets the records of the originals afterwards: ${undone}, then ${recorded}`;
}
