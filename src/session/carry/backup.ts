import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import { planBackup, planRestore } from '../../operations/plan.ts';
import type { RunContext } from '../../runs/context.ts';
import { executePlan } from '../../runs/execute.ts';
import { announce, type Carried, type Ground } from './ground.ts';

/** Takes one set of all chosen databases. */
export async function backup(change: Extract<Change, { kind: 'backup' }>, ground: Ground): Promise<Carried> {
  const { context, prepared } = ground;
  const { name } = context.environment;
  const plan = planBackup(
    name,
    prepared.map(({ run }) => run.database.name),
    change.tables,
  );
  announce(ground, change, prepared, [plan]);
  await executePlan(plan, context);
  const id = context.progress.backup;
  return {
    message: id === undefined ? `${name} has nothing to back up yet.` : taken(id, change),
  };
}

/** Backs up what is there now, then overwrites it. */
export async function restore(
  change: Extract<Change, { kind: 'restore' }>,
  ground: Ground,
): Promise<Carried> {
  const { context, prepared } = ground;
  const { name } = context.environment;
  refuseUnconfirmed(change, context);
  const plan = planRestore(
    name,
    prepared.map(({ run }) => run.database.name),
    change,
  );
  announce(ground, change, prepared, [plan]);
  await executePlan(plan, context);
  const undo = context.progress.backup;
  return {
    message: `${restored(change)}${undo === undefined ? '' : ` What it was before is ${undo}.`}`,
  };
}

function taken(id: string, { environment, tables }: Extract<Change, { kind: 'backup' }>): string {
  if (tables === undefined) return `Backup ${id} of ${environment} is taken and read back.`;
  return `Backup ${id} of ${tables.join(', ')} in ${environment} is taken and read back. It is partial: only restore with --tables puts it back.`;
}

function restored({ environment, backup: id, tables }: Extract<Change, { kind: 'restore' }>): string {
  if (tables === undefined) return `${environment} is as ${id} has it.`;
  const [are, them] = tables.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${tables.join(', ')} in ${environment} ${are} as ${id} has ${them}; the other tables are unchanged.`;
}

function refuseUnconfirmed(
  { consent, backup: id, tables }: Extract<Change, { kind: 'restore' }>,
  { environment }: RunContext,
): void {
  const named = !environment.protected || consent.confirm?.environment === environment.name;
  if (consent.yes === 'given' && named) return;
  const command = `migrate-tui restore ${environment.name} ${id} --yes${tables === undefined ? '' : ` --tables ${tables.join(',')}`}${environment.protected ? ` --confirm ${environment.name}` : ''}`;
  throw new MigrateError(
    'not-confirmed',
    `A restore overwrites what ${environment.name} holds now; nobody agreed to that. Nothing was changed.`,
    {
      next: `A backup of the present state is taken first. Run: ${command}`,
    },
  );
}
