import type { Environment } from '../project/project.ts';
import { readSnapshot } from '../runs/snapshot.ts';
import { emptyRun, refuseHeldLock, dispose, type Prepared } from './prepare.ts';
import type { Workspace } from './workspace.ts';

/** Opens the databases of a backup or a restore: no migration is chosen, and a half-finished one is no obstacle. */
export async function prepareRestore(
  workspace: Workspace,
  environment: Environment,
  {
    databases,
    signal,
    whenLocked,
  }: {
    readonly databases: readonly string[] | undefined;
    readonly signal: AbortSignal;
    /** A backup only reads: a lock of somebody else is no obstacle to it. */
    readonly whenLocked: 'refuse' | 'go-on';
  },
): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  try {
    for (const { database, target } of workspace.targetsOf(environment, databases)) {
      const { migrations } = await workspace.folderOf(database);
      const bookkeeping = await workspace.bookkeepingOf(database);
      const engine = await workspace.open(target, environment, {
        purpose: 'change',
        ifMissing: 'refuse',
        signal,
      });
      const run = emptyRun({
        workspace,
        environment,
        database,
        target,
        migrations,
        engine,
        signal,
        bookkeeping,
      });
      prepared.push({
        run,
        selected: [],
        waiting: [],
        findings: [],
        warnings: [],
        foreignKeys: [],
        schema: { objects: [] },
      });
      const snapshot = await readSnapshot(engine, { migrations, bookkeeping });
      if (whenLocked === 'refuse') refuseHeldLock(snapshot);
      run.bookkeeping = snapshot.bookkeeping;
    }
    return prepared;
  } catch (error) {
    await dispose(prepared);
    throw error;
  }
}
