import { quantity } from '../../lib/numbers.ts';
import type { Change } from '../../operations/change.ts';
import { planResync } from '../../operations/plan/plan.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import type { Environment } from '../../project/project.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Carried, Ground } from './ground.ts';
import { refuseUnagreed } from './plain-consent.ts';
import { accountOfResync, refuseUnruled, warningsOfResync } from './resync-account.ts';
import { readSources, type Source } from './resync-sources.ts';

type ResyncChange = Extract<Change, { kind: 'resync' }>;

/** An environment that can be thrown away takes what another one has, and runs on top what that has not run yet. */
export async function resync(change: ResyncChange, ground: Ground): Promise<Carried> {
  const { context, workspace, hooks } = ground;
  const from = workspace.environment(change.from);
  const sources = await readSources(change, from, ground);
  for (const source of sources) prepare(source);
  const plan = planResync(context.environment.name, sources.map(inputOf), hooks);
  const account = await accountOfResync(change, { from, sources, steps: plannedSteps(plan) });
  await refuseUnruled(ground, change.consent, { account, from });
  await refuseUnagreed(ground, change.consent, account);
  const prepared = sources.map((source) => source.prepared);
  await carryAgreed(ground, change, { prepared, plan, warnings: warningsOfResync(from, sources) });
  return { message: messageOf(from, sources, ground) };
}

/** From here on the destination is what the source is. */
function prepare({ prepared: { run }, source, snapshot, selected }: Source): void {
  run.source = source;
  run.migrations = snapshot.migrations;
  run.selected = selected;
}

function inputOf({ prepared: { run }, snapshot, selected, from, by, tables }: Source) {
  return {
    database: run.database.name,
    isThere: run.engine !== undefined,
    selected,
    migrations: snapshot.migrations,
    bookkeeping: snapshot.bookkeeping,
    entries: snapshot.entries,
    from,
    by,
    tables,
  };
}

function messageOf({ name: from }: Environment, sources: readonly Source[], { context }: Ground): string {
  const tables = sources.flatMap((source) => source.tables);
  const { applied } = context.progress;
  const out = tables.filter(({ how }) => how === 'excluded').length;
  const masked = tables.filter(({ how }) => how === 'masked').length;
  return (
    [
      `${context.environment.name} has what ${from} has: ${quantity(tables.length, 'table')}`,
      ...(masked === 0 ? [] : [`${masked} masked`]),
      ...(out === 0 ? [] : [`${out} without rows`]),
      ...(applied.length === 0 ? [] : [`${quantity(applied.length, 'migration')} on top`]),
    ].join(', ') + '.'
  );
}
