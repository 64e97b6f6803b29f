import type { Environment } from '../../project/project.ts';
import type { BackedUpDatabase } from '../../runs/backups/manifest.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { knowledgeAtHand } from '../knowledge.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Whether somebody on this machine has agreed before that rows of these databases come to it: a backup that copied
 * some says so, and one that a rehearsal took. A place in a server's history copies nothing, and so says nothing.
 */
export async function agreedBefore(
  workspace: Workspace,
  { name }: Environment,
  databases: readonly string[],
): Promise<boolean> {
  const backups = (await listBackups(workspace.places.backups)).filter(
    ({ environment }) => environment === name,
  );
  const copied = (one: BackedUpDatabase) => databases.includes(one.database) && holdsRows(one);
  if (backups.some((backup) => backup.databases.some(copied))) return true;
  if (backups.length === 0) return false;
  const { runs } = await knowledgeAtHand(workspace);
  const rehearsals = new Set(runs.filter(({ operation }) => rehearsing.has(operation)).map(({ id }) => id));
  return backups.some(({ run }) => rehearsals.has(run));
}

const rehearsing: ReadonlySet<string> = new Set(['deploy', 'dry-run', 'rollback']);

function holdsRows(one: BackedUpDatabase): boolean {
  return one.kind === 'copy' || one.archive !== undefined;
}
