import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { planRestore } from '../../operations/plan/plan.ts';
import { findBackup } from '../../runs/backups/backups.ts';
import { lostSince } from '../../runs/backups/lost-since.ts';
import { refuseUnrestorable } from '../prepare/restore.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Ground } from './ground.ts';
import type { Chosen } from './recover-choice.ts';
import { refuseUnagreed } from './plain-consent.ts';
import { accountOfRestore } from './restore-account.ts';

/** The whole backup is put back, as `restore` does it, once what that loses was said and agreed to. */
export async function recoverByRestoring(
  change: Extract<Change, { kind: 'recover' }>,
  ground: Ground,
  { prepared, database, backup, says }: Chosen & { readonly backup: string },
): Promise<void> {
  const { context, workspace } = ground;
  const { environment } = context;
  const manifest = await findBackup(workspace.places.backups, backup, environment.name);
  await refuseUnrestorable(workspace, [prepared], manifest);
  const kept = manifest.databases.find((one) => one.database === database);
  const lost = kept ? await lostSince(prepared.run, kept, undefined) : [];
  const plan = planRestore(environment.name, [database], { backup, tables: undefined });
  await refuseUnagreed(
    ground,
    change.consent,
    accountOfRestore(environment, {
      operation: 'recover',
      says: [says, `Restoring ${backup} overwrites what ${environment.name} holds now.`, ...lost],
      words: changeWords(change),
      databases: [database],
      plan,
    }),
  );
  await carryAgreed(ground, change, { prepared: [prepared], plan, warnings: lost });
}
