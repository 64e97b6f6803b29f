import { commandLine } from '../../lib/command-line.ts';
import type { Account } from '../../operations/consent/account.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { fitOf } from '../../operations/history/folder-fit.ts';
import { kitProblem } from '../../operations/kit-problem.ts';
import { planPush } from '../../operations/plan/plan.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import type { RunContext, RunDatabase, TargetKit } from '../../runs/context.ts';
import { replayFolder } from '../../runs/replay/folder-replay.ts';
import { kitFailure } from '../../runs/kit/failure.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Carried, Ground } from './ground.ts';
import { refuseUnagreed } from './plain-consent.ts';

type PushChange = Extract<Change, { kind: 'push' }>;

/** The project's own drizzle-kit changes a database, behind a backup and under the lock; what it comes to is said. */
export async function push(change: PushChange, ground: Ground): Promise<Carried> {
  const { context, hooks } = ground;
  const [prepared] = ground.prepared;
  const { run } = prepared ?? {};
  if (!prepared || !run?.kit) throw new Error('A push has one database and its drizzle-kit.');
  const { kit } = run;
  const place = `${run.database.name} of ${change.environment}`;
  const isThere = run.engine !== undefined;
  const pushed = { database: run.database.name, isThere, tool: kit.tool, terminal: change.terminal };
  const plan = planPush(change.environment, pushed, hooks);
  await refuseUnagreed(ground, change.consent, accountOf(change, run, { kit, plan }));
  await refuseUnloaded(kit, context);
  await carryAgreed(ground, change, { prepared: [prepared], plan });
  const message = `${place} is what the schema says.`;
  if (context.progress.pushed.length === 0) return { message: `Nothing to push: ${message}` };
  const tag = await placeInHistory(run, kit, context.signal);
  return { message: `${message} ${recording(change, tag)}` };
}

/** Before a backup is taken for nothing. */
async function refuseUnloaded(
  kit: TargetKit,
  { environment, projectRoot: root, signal }: RunContext,
): Promise<void> {
  const said = await kit.load(signal);
  // Code that was loaded is there as SQL, whatever it printed besides.
  if (/^CREATE /m.test(said.text) || kitProblem(said.text).kind !== 'code') return;
  throw kitFailure('push', said, { root, again: `push ${environment.name} --yes` });
}

function accountOf(
  change: PushChange,
  { database, engine }: RunDatabase,
  { kit, plan }: { readonly kit: TargetKit; readonly plan: Plan },
): Account {
  const { environment } = change;
  return {
    operation: 'push',
    environment,
    protected: false,
    says: [
      `${kit.tool} would change ${database.name} of ${environment} to what the schema says, without a migration.`,
    ],
    words: changeWords(change),
    databases: [{ database: database.name, writes: 'the schema', loses: undefined }],
    steps: plannedSteps(plan),
    // It takes away what the schema does not have; what that is, it says only when it does it.
    destroys: engine !== undefined,
    consent: { confirm: 'not-needed', accept: [] },
  };
}

/** The tag up to which the folder's migrations make the same schema. */
async function placeInHistory(
  { migrations, target, database }: RunDatabase,
  kit: TargetKit,
  signal: AbortSignal,
): Promise<string | undefined> {
  const replayed = await replayFolder({
    migrations,
    target: (await kit.look()).schema,
    like: target.address.kind,
    bookkeeping: database.table,
    signal,
  });
  const place = fitOf(replayed).fits.at(-1);
  return place === undefined ? undefined : migrations[place - 1]?.tag;
}

/** A push leaves no record: where the folder makes the same, baseline writes one. */
function recording(change: PushChange, tag: string | undefined): string {
  const baseline = (at: string | undefined) => changeWords({ ...change, kind: 'baseline', at });
  return tag === undefined
    ? `No migration has this: migrate-tui generate writes one, and ${commandLine(baseline(tag))} then names the command that records it here.`
    : `The migrations up to ${tag} make the same; to have that on record: ${commandLine([...baseline(tag), '--yes'])}`;
}
