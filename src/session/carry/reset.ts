import { MigrateError } from '../../lib/errors.ts';
import { count, quantity } from '../../lib/numbers.ts';
import type { Change } from '../../operations/change.ts';
import { planReset } from '../../operations/plan.ts';
import type { Environment } from '../../project/project.ts';
import { countRows } from '../../runs/measure.ts';
import { seedOf } from '../hooks.ts';
import type { Prepared } from '../prepare.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Carried, Ground } from './ground.ts';
import { refuseUnconfirmed } from './plain-consent.ts';

type ResetChange = Extract<Change, { kind: 'reset' }>;

/** An environment that can be thrown away is emptied in place and built anew from its migrations. */
export async function reset(change: ResetChange, ground: Ground): Promise<Carried> {
  const { context, prepared, workspace, hooks } = ground;
  const { environment } = context;
  refuseProtected(environment);
  const says = `${environment.name} is emptied: ${(await Promise.all(prepared.map(holds))).join('; ')}.`;
  refuseElsewhere(change, prepared);
  refuseUnconfirmed({ consent: change.consent, environment, says, command: commandOf(change) });
  for (const { run } of prepared) run.selected = change.end === 'rebuilt' ? run.migrations : [];
  const seed = change.end === 'rebuilt' ? seedOf(workspace.project, environment) : undefined;
  const plan = planReset(
    environment.name,
    prepared.map(({ run }) => ({
      database: run.database.name,
      isThere: run.engine !== undefined,
      selected: run.selected,
      migrations: run.migrations,
      bookkeeping: run.bookkeeping.withShape([]),
      entries: [],
    })),
    { hooks, seed },
  );
  await carryAgreed(ground, change, { prepared, plan });
  const { applied } = context.progress;
  const built = `built anew: ${quantity(applied.length, 'migration')} applied and verified`;
  return {
    message: `${environment.name} is ${change.end === 'rebuilt' ? built : 'empty'}${seed === undefined ? '' : ', and seeded'}.`,
  };
}

/** No flag changes that. */
function refuseProtected({ name, protected: isProtected }: Environment): void {
  if (!isProtected) return;
  throw new MigrateError('protected', `${name} is protected: it is never emptied. Nothing was changed.`, {
    next: `migrate-tui restore ${name} takes it back to a backup; migrate-tui deploy ${name} goes on from where it is.`,
  });
}

/** A database on a server may be somebody else's work: its environment is named. */
function refuseElsewhere(change: ResetChange, prepared: readonly Prepared[]): void {
  const { consent, environment } = change;
  const elsewhere = prepared.find(({ run }) => !isHere(run.target.address.kind));
  if (!elsewhere || consent.confirm?.environment === environment) return;
  throw new MigrateError(
    'not-confirmed',
    `${elsewhere.run.database.name} of ${environment} is not on this machine: to empty it, its environment has to be named. Nothing was changed.`,
    { next: `${commandOf(change)} --yes --confirm ${environment}` },
  );
}

function isHere(kind: Prepared['run']['target']['address']['kind']): boolean {
  return kind === 'libsql-file' || kind === 'libsql-memory' || kind === 'd1-local';
}

async function holds({ run }: Prepared): Promise<string> {
  const { engine, database } = run;
  if (!engine) return `${database.name} does not exist yet`;
  const counted = await countRows(engine.query, { leaveOut: [database.table] });
  const rows = counted.reduce((sum, each) => sum + each.rows, 0);
  return `${database.name} has ${quantity(counted.length, 'table')} with ${count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

function commandOf({ environment, databases, end }: ResetChange): string {
  return [
    `migrate-tui reset ${environment}`,
    ...(end === 'empty' ? ['--empty'] : []),
    ...(databases ?? []).map((name) => `--database ${name}`),
  ].join(' ');
}
