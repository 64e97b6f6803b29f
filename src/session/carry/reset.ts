import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Account } from '../../operations/consent/account.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { planReset } from '../../operations/plan/plan.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import type { Environment } from '../../project/project.ts';
import type { Manifest } from '../../runs/backups/manifest.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { countRows } from '../../runs/measure/measure.ts';
import { seedOf } from '../hooks.ts';
import { isHere } from '../target/is-here.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Carried, Ground } from './ground.ts';
import { refuseUnagreed } from './plain-consent.ts';

type ResetChange = Extract<Change, { kind: 'reset' }>;

/** An environment that can be thrown away is emptied in place and built anew from its migrations. */
export async function reset(change: ResetChange, ground: Ground): Promise<Carried> {
  const { context, prepared, workspace, hooks } = ground;
  const { environment } = context;
  if (environment.protected) throw neverEmptied(environment, await listBackups(workspace.places.backups));
  const seed = change.end === 'rebuilt' ? seedOf(workspace.project, environment) : undefined;
  const plan = planReset(
    environment.name,
    prepared.map(({ run }) => ({
      database: run.database.name,
      isThere: run.engine !== undefined,
      selected: selectedBy(change, run),
      migrations: run.migrations,
      bookkeeping: run.bookkeeping.withShape([]),
      entries: [],
    })),
    { hooks, seed },
  );
  await refuseUnagreed(ground, change.consent, await accountOf(change, plan, prepared));
  for (const { run } of prepared) run.selected = selectedBy(change, run);
  await carryAgreed(ground, change, { prepared, plan });
  const { applied } = context.progress;
  const built = `built anew: ${quantity(applied.length, 'migration')} applied and verified`;
  return {
    message: `${environment.name} is ${change.end === 'rebuilt' ? built : 'empty'}${seed === undefined ? '' : ', and seeded'}.`,
  };
}

function selectedBy({ end }: ResetChange, { migrations }: Prepared['run']) {
  return end === 'rebuilt' ? migrations : [];
}

/** No flag changes that. */
function neverEmptied({ name, targets }: Environment, backups: readonly Manifest[]): MigrateError {
  const newest = backups.find(({ environment, partial }) => environment === name && partial === undefined);
  const back =
    newest && targets.length === 1
      ? `migrate-tui restore ${name} ${newest.id} takes it back to its newest backup`
      : `migrate-tui backups ${name} lists what it can be taken back to`;
  return new MigrateError('protected', `${name} is protected: it is never emptied. Nothing was changed.`, {
    next: `${back}; migrate-tui deploy ${name} goes on from where it is.`,
  });
}

async function accountOf(change: ResetChange, plan: Plan, prepared: readonly Prepared[]): Promise<Account> {
  const { environment } = change;
  const held = await Promise.all(
    prepared.map(async ({ run }) => ({ database: run.database.name, run, holds: await holdingsOf(run) })),
  );
  // A database on a server may be somebody else's work: its environment is named.
  const elsewhere = held.find(({ run }) => !isHere(run.target.address));
  const contents = held.map(({ database, holds }) =>
    holds === undefined ? `${database} does not exist yet` : `${database} has ${holds}`,
  );
  return {
    operation: 'reset',
    environment,
    protected: false,
    says: [
      `${environment} would be emptied: ${contents.join('; ')}.`,
      ...(elsewhere
        ? [`${elsewhere.database} is not on this machine: to empty it, its environment has to be named.`]
        : []),
    ],
    words: changeWords(change),
    databases: held.map(({ database, run, holds }) => ({
      database,
      writes: change.end === 'empty' ? undefined : quantity(run.migrations.length, 'migration'),
      loses: holds,
    })),
    steps: plannedSteps(plan),
    destroys: held.some(({ holds }) => holds !== undefined),
    consent: { confirm: elsewhere ? 'elsewhere' : 'not-needed', accept: [] },
  };
}

/** Undefined: the database does not exist yet. */
async function holdingsOf({ engine, database }: Prepared['run']): Promise<string | undefined> {
  if (!engine) return undefined;
  const counted = await countRows(engine.query, { leaveOut: [database.table] });
  const rows = counted.reduce((sum, each) => sum + each.rows, 0);
  return `${quantity(counted.length, 'table')} with ${quantity(rows, 'row')}`;
}
