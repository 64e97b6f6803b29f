import { relative } from 'node:path';
import type { Migration } from '../../migrations/migration.ts';
import { undoSquash } from '../../migrations/squash-files.ts';
import { isBaselineOf, readManifest, squashedFolder } from '../../migrations/squashed.ts';
import { refusalsOf } from '../../operations/squash-refusals.ts';
import type { SquashEnvironment, SquashReport, SquashRequest } from '../../operations/squash-report.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { askEnvironments, judgeForUndo } from './ask-environments.ts';

/** Puts the originals of the newest squash back, unless an environment was made from the one file. */
export async function undo(
  workspace: Workspace,
  database: Database,
  { leaveOut, consent }: SquashRequest,
  signal: AbortSignal,
): Promise<SquashReport> {
  const folder = await workspace.folderOf(database);
  const squashes = await readManifest(folder.directory);
  const isOf = (migration: Migration) => squashes.findLast((one) => isBaselineOf(migration, one));
  const baseline = folder.migrations.findLast((migration) => migration.squashed && isOf(migration));
  const made = baseline && isOf(baseline);
  const { root } = workspace.project;
  const common = {
    schemaVersion: 1,
    kind: 'squash',
    database: database.name,
    folder: relative(root, folder.directory) || '.',
    archive: relative(root, squashedFolder(folder.directory)),
    migrations: made?.migrations.map(({ tag, hash }) => ({ tag, hash })) ?? [],
    proof: [],
    environments: [],
    refusals: [],
  } as const;
  if (!baseline || !made) {
    return {
      ...common,
      state: 'nothing',
      next: 'No file of the folder is a squashed one, as its archive knows it.',
    };
  }
  // Reading them proves that the archive is whole.
  await baseline.squashed?.originals();
  const judge = judgeForUndo(baseline);
  const environments = await askEnvironments(workspace, { database, leaveOut, signal, judge });
  const refusals = refusalsOf({
    proofs: [],
    environments,
    changing: [],
    installations: 'known',
    last: baseline.tag,
  });
  const report = { ...common, environments, refusals };
  if (refusals.length > 0) {
    return { ...report, state: 'refused', next: nextOf(environments) };
  }
  if (consent === 'not-given') {
    return {
      ...report,
      state: 'possible',
      next: `Nothing was written. Add --yes to put the originals back: migrate-tui squash --undo${workspace.project.databases.length > 1 ? ` --database ${database.name}` : ''} --yes`,
    };
  }
  await undoSquash(folder, baseline, made);
  return { ...report, state: 'undone', next: 'Every original is in its place again. Commit the folder.' };
}

function nextOf(environments: readonly SquashEnvironment[]): string {
  const open = environments.filter((one) => one.state === 'depends' && !one.protected);
  if (open.length === 0) return 'Nothing was written.';
  const named = open.map(({ environment }) => environment);
  return `Nothing was written. What can be thrown away may be left out by name and reset afterwards: migrate-tui squash --undo ${named.map((name) => `--leave-out ${name}`).join(' ')}`;
}
