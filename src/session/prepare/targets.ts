import type { Environment } from '../../project/project.ts';
import { dispose, type Prepared } from './prepare.ts';
import { lockIn, readTarget, type ReadTargetOptions } from './read-target.ts';
import type { Workspace } from '../workspace.ts';

export interface TargetsOptions {
  /** Undefined: all that the environment has. */
  readonly databases: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** `refuse` unless said. */
  readonly whenLocked?: ReadTargetOptions['whenLocked'];
  /** Throws what cannot be done with them, once they are open. */
  readonly check?: (prepared: readonly Prepared[]) => Promise<void>;
}

/**
 * Opens the databases of a change that chooses no migration, to which a half-finished one is no obstacle.
 *
 * @throws MigrateError with nothing left open
 */
export async function prepareTargets(
  workspace: Workspace,
  environment: Environment,
  { databases, signal, whenLocked = 'refuse', check }: TargetsOptions,
): Promise<readonly Prepared[]> {
  const how = { signal, purpose: 'change', whenLocked } as const;
  const prepared: Prepared[] = [];
  try {
    for (const target of workspace.targetsOf(environment, databases)) {
      const { run, snapshot, notices } = await readTarget(workspace, environment, target, how);
      prepared.push({
        run,
        selected: [],
        waiting: [],
        findings: [],
        warnings: notices,
        foreignKeys: [],
        schema: { objects: [] },
        rows: new Map(),
        lock: lockIn(snapshot),
      });
    }
    await check?.(prepared);
    return prepared;
  } catch (error) {
    await dispose(prepared);
    throw error;
  }
}
