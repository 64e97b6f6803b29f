import type { Diagnosed } from '../operations/diagnosis.ts';
import { casesOf, type RecoverableCase } from '../operations/recovery.ts';
import type { Environment } from '../project/project.ts';
import { listBackups } from '../runs/backups.ts';
import { drizzleTable } from '../runs/drizzle-beside.ts';
import type { Snapshot } from '../runs/snapshot.ts';
import type { Workspace } from './workspace.ts';

/**
 * The cases of one target, with what each way out would write.
 *
 * @param diagnosed by tag; none where only the ways out of the records are asked for, as no other one writes yet
 */
export async function recoverableIn(
  workspace: Workspace,
  environment: Environment,
  database: string,
  { history, entries, bookkeeping, beside }: Snapshot,
  diagnosed: ReadonlyMap<string, Diagnosed> = new Map(),
): Promise<readonly RecoverableCase[]> {
  return casesOf({
    database,
    history,
    diagnosed,
    entries,
    bookkeeping,
    beside,
    drizzleTable,
    backup: await newestBackup(workspace, environment.name, database),
    environment: environment.name,
  });
}

async function newestBackup(
  { places }: Workspace,
  environment: string,
  database: string,
): Promise<string | undefined> {
  const all = await listBackups(places.backups);
  return all.find(
    (manifest) =>
      manifest.environment === environment &&
      manifest.partial === undefined &&
      manifest.databases.some((one) => one.database === database),
  )?.id;
}
