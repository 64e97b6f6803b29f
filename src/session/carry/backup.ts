import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { planBackup, planRestore } from '../../operations/plan/plan.ts';
import { findBackup } from '../../runs/backups/backups.ts';
import { executePlan } from '../../runs/execute.ts';
import { lostSince } from '../../runs/backups/lost-since.ts';
import { carryAgreed } from './carry-agreed.ts';
import { announce, type Carried, type Ground } from './ground.ts';
import { refuseUnagreed } from './plain-consent.ts';
import { accountOfRestore } from './restore-account.ts';

/** Takes one set of all chosen databases. */
export async function backup(change: Extract<Change, { kind: 'backup' }>, ground: Ground): Promise<Carried> {
  const { context, prepared } = ground;
  const { name } = context.environment;
  if (change.archive) refuseNothingToArchive(name, prepared);
  const plan = planBackup(
    name,
    prepared.map(({ run }) => run.database.name),
    change,
  );
  announce(ground, change, prepared, [plan]);
  await executePlan(plan, context);
  const id = context.progress.backup;
  return {
    message: id === undefined ? `${name} has nothing to back up yet.` : taken(id, change, prepared),
  };
}

/** Backs up what is there now, then overwrites it. */
export async function restore(
  change: Extract<Change, { kind: 'restore' }>,
  ground: Ground,
): Promise<Carried> {
  const { context, prepared } = ground;
  const { name } = context.environment;
  const lost = await wouldBeLost(change, ground);
  const databases = prepared.map(({ run }) => run.database.name);
  const plan = planRestore(name, databases, change);
  const what = change.tables === undefined ? name : `${change.tables.join(', ')} in ${name}`;
  await refuseUnagreed(
    ground,
    change.consent,
    accountOfRestore(context.environment, {
      operation: 'restore',
      says: [`A restore of ${change.backup} overwrites what ${what} holds now.`, ...lost],
      words: changeWords(change),
      databases,
      plan,
    }),
  );
  await carryAgreed(ground, change, { prepared, plan, warnings: lost });
  const undo = context.progress.backup;
  return {
    message: `${restored(change)}${undo === undefined ? '' : ` What it was before is ${undo}.`}`,
  };
}

/** Only D1 exports. */
function refuseNothingToArchive(environment: string, prepared: Ground['prepared']): void {
  if (prepared.some(({ run }) => run.target.address.kind === 'd1-remote')) return;
  throw new MigrateError(
    'refused',
    `Nothing of ${environment} is at Cloudflare, where an archive is exported from. Nothing was changed.`,
    { next: `Leave --archive away: migrate-tui backup ${environment} copies every row into a file.` },
  );
}

function taken(
  id: string,
  { environment, tables, archive }: Extract<Change, { kind: 'backup' }>,
  prepared: Ground['prepared'],
): string {
  if (archive)
    return `Backup ${id} of ${environment} is taken; its archive was loaded once and has every table and row. migrate-tui backups ${environment} says where it is.`;
  if (prepared.every(({ run }) => run.backup?.copy.kind !== 'copy'))
    return `Backup ${id} of ${environment} is taken: its place in the server's own history.`;
  if (tables === undefined) return `Backup ${id} of ${environment} is taken and read back.`;
  return `Backup ${id} of ${tables.join(', ')} in ${environment} is taken and read back. It is partial: only restore with --tables puts it back.`;
}

function restored({ environment, backup: id, tables }: Extract<Change, { kind: 'restore' }>): string {
  if (tables === undefined) return `${environment} is as ${id} has it.`;
  const [are, them] = tables.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${tables.join(', ')} in ${environment} ${are} as ${id} has ${them}; the other tables are unchanged.`;
}

/** What came in since the backup was taken, for the person who is about to lose it. */
async function wouldBeLost(
  { backup: id, tables }: Extract<Change, { kind: 'restore' }>,
  { context, prepared }: Ground,
): Promise<readonly string[]> {
  const { databases } = await findBackup(context.places.backups, id, context.environment.name);
  const lost: string[] = [];
  for (const { run } of prepared) {
    const kept = databases.find(({ database }) => database === run.database.name);
    if (kept) lost.push(...(await lostSince(run, kept, tables)));
  }
  return lost;
}
