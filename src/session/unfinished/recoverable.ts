import type { Diagnosed } from '../../operations/diagnosis/diagnosis.ts';
import { casesOf, type RecoverableCase } from '../../operations/recovery.ts';
import type { Environment } from '../../project/project.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { diagnosedIn, type DiagnosedOptions } from './diagnosed.ts';
import { situationFacts } from './situation-facts.ts';
import { waysOutIn } from './ways-of.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** The cases of one target, with what each way out would do. The target is only read. */
export async function recoverableIn(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  options: DiagnosedOptions,
): Promise<readonly RecoverableCase[]> {
  return (await examined(workspace, environment, target, options)).cases;
}

/** The same with what the cases of unfinished migrations were told from, by tag. */
export async function examined(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  options: DiagnosedOptions,
): Promise<{
  readonly cases: readonly RecoverableCase[];
  readonly diagnosed: ReadonlyMap<string, Diagnosed>;
}> {
  const { history, entries, bookkeeping, beside } = options.snapshot;
  const { name } = target.database;
  const diagnosed = await diagnosedIn(workspace, environment, target, options);
  const cases = casesOf({
    database: name,
    history,
    diagnosed,
    waysOut: await waysOutIn(workspace, environment, target, options, diagnosed),
    entries,
    bookkeeping,
    beside,
    backup: await newestBackup(workspace, environment.name, name),
    environment: environment.name,
    ...(await situationFacts(workspace, environment, target, options)),
  });
  return { cases, diagnosed };
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
