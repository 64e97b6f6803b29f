import { MigrateError } from '../../lib/errors.ts';
import { finishCutOff } from '../../migrations/squash-files.ts';
import type { SquashReport, SquashRequest } from '../../operations/squash/report.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { review, type Proving } from './review.ts';
import { undo } from './undo.ts';
import { write } from './write.ts';

/**
 * Makes one file of a history, or of its beginning, and proves that it is the same; with consent, writes it. No target
 * is ever written: the file has the name and the time of the last that it stands for, so who ran that never runs it.
 *
 * @throws MigrateError `migrations` where the history gives no database; `usage`, `not-found`; `interrupted`, with
 * nothing written
 */
export async function squash(
  workspace: Workspace,
  request: SquashRequest,
  { signal, onProof }: Proving,
): Promise<SquashReport> {
  const database = databaseOf(workspace, request.database);
  finishCutOff(database.directory);
  try {
    return request.what === 'undo'
      ? await undo(workspace, database, request, signal)
      : await proveAndWrite(workspace, database, request, { signal, onProof });
  } catch (cause) {
    // What reads is told of the signal, what writes is not.
    if (!signal.aborted || cause instanceof MigrateError) throw cause;
    throw new MigrateError('interrupted', 'Interrupted while it was being proven. Nothing was written.', {
      cause,
    });
  }
}

function databaseOf({ project }: Workspace, wanted: string | undefined): Database {
  const names = project.databases.map(({ name }) => name);
  const [first, ...others] = project.databases;
  if (wanted === undefined && first && others.length === 0) return first;
  const found = project.databases.find(({ name }) => name === wanted);
  if (found) return found;
  if (wanted !== undefined) {
    throw new MigrateError('not-found', `The project has no database ${wanted}.`, {
      next: `It has ${names.join(', ')}.`,
    });
  }
  throw new MigrateError('usage', `The project has ${names.length} databases; a squash is of one.`, {
    next: `Add --database ${names.join(' or --database ')}.`,
  });
}

async function proveAndWrite(
  workspace: Workspace,
  database: Database,
  request: SquashRequest,
  { signal, onProof }: Proving,
): Promise<SquashReport> {
  const { report, folder, possible } = await review(workspace, database, request, { signal, onProof });
  if (!possible || request.consent === 'not-given') return report;
  signal.throwIfAborted();
  await write(workspace, { database, folder, ...possible, accepted: request.accepted });
  return {
    ...report,
    // Until then they were records of files that were there.
    environments: report.environments.map((one) =>
      one.records !== undefined && one.records > 1 ? { ...one, tidy: one.records } : one,
    ),
    undo: { tag: possible.last.tag, migrations: possible.range.length },
    state: 'written',
    next: 'Commit the folder and the archive together. migrate-tui squash --undo puts the originals back while no environment was made from the one file.',
  };
}
