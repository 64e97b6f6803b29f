import { MigrateError } from '../lib/errors.ts';
import { quantity } from '../lib/numbers.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Change, Consent, Decision, Review } from '../operations/change.ts';
import { commandFor, judgeConsent } from '../operations/consent.ts';
import { rowExpectations } from '../operations/row-expectations.ts';
import {
  planApply,
  planRehearsal,
  plannedSteps,
  type HookFinder,
  type Plan,
  type PlanInput,
} from '../operations/plan.ts';
import { boundary, type RunContext } from '../runs/context.ts';
import { executePlan } from '../runs/execute.ts';
import { hooksOf } from './hooks.ts';
import { writePlanFile } from './plan-file.ts';
import type { Prepared } from './prepare.ts';
import { reviewOf } from './review.ts';
import { operationOf } from './start.ts';
import { shownAddress } from './status.ts';
import type { StartOptions } from './types.ts';
import type { Workspace } from './workspace.ts';

/** How a change ended well, in one sentence. */
export interface Carried {
  readonly message: string;
}

/** Carries a change out: plans, runs, asks for consent between them. Throws where it is refused or fails. */
export async function carryOut(
  workspace: Workspace,
  change: Change,
  prepared: readonly Prepared[],
  context: RunContext,
  options: StartOptions,
): Promise<Carried> {
  const ground: Ground = {
    workspace,
    prepared,
    context,
    options,
    hooks: hooksOf(workspace.project, context.environment),
  };
  switch (change.kind) {
    case 'deploy':
      return deploy(change, ground);
    case 'deploy-plan':
      return deployPlan(change, ground);
    case 'dry-run':
      return dryRun(change, ground);
    case 'apply':
      return apply(change, ground);
    case 'backup':
      return backup(ground);
    case 'restore':
      return restore(change, ground);
    default:
      return unreachable(change);
  }
}

interface Ground {
  readonly workspace: Workspace;
  readonly prepared: readonly Prepared[];
  readonly context: RunContext;
  readonly options: StartOptions;
  readonly hooks: HookFinder;
}

async function deploy(change: Extract<Change, { kind: 'deploy' }>, ground: Ground): Promise<Carried> {
  const { context } = ground;
  const active = activeOf(ground);
  const skips = refuseUnlessBroken(change.consent, context.environment.name);
  const rehearsal = planRehearsal(context.environment.name, active.map(inputOf), ground.hooks);
  announce(
    ground,
    change,
    active,
    skips === 'rehearse'
      ? [rehearsal, applyPlan(active, ground, change.consent)]
      : [applyPlan(active, ground, change.consent)],
  );
  if (active.length === 0) return nothingToDo(ground);
  if (skips === 'rehearse') await executePlan(rehearsal, context);
  const consent = await agreed(ground, change.consent);
  return applyAndTell(ground, active, consent);
}

async function deployPlan(
  change: Extract<Change, { kind: 'deploy-plan' }>,
  ground: Ground,
): Promise<Carried> {
  const active = activeOf(ground);
  announce(ground, change, active, [applyPlan(active, ground, change.consent)]);
  if (active.length === 0) return nothingToDo(ground);
  const consent = await agreed(ground, change.consent);
  return applyAndTell(ground, active, consent);
}

async function dryRun(change: Extract<Change, { kind: 'dry-run' }>, ground: Ground): Promise<Carried> {
  const { context, workspace } = ground;
  const active = activeOf(ground);
  const plan = planRehearsal(context.environment.name, active.map(inputOf), ground.hooks);
  announce(ground, change, active, [plan]);
  if (active.length === 0) return nothingToDo(ground);
  await executePlan(plan, context);
  const review = reviewOf(context.environment, active, workspace.project.root);
  const file = await writePlanFile(workspace.places.plans, planFileOf(change, active, review, ground));
  await context.ledger.note(context.run, { plan: file, planHash: review.hash });
  context.events.emit({ kind: 'rehearsed', plan: file, hash: review.hash, losses: review.losses });
  if (review.losses.length > 0) refuse(review, { ...noConsent, yes: 'given', confirm: confirmed(review) });
  return {
    message: `${quantity(review.migrations.length, 'migration')} rehearsed for ${context.environment.name}; it was only read. To apply exactly this: ${commandFor(review)} --plan ${file}`,
  };
}

async function apply(change: Extract<Change, { kind: 'apply' }>, ground: Ground): Promise<Carried> {
  const { environment } = ground.context;
  if (environment.protected) {
    throw new MigrateError(
      'protected',
      `${environment.name} is protected: apply takes no backup and rehearses nothing. Nothing was changed.`,
      {
        next: `migrate-tui deploy ${environment.name} does both.`,
      },
    );
  }
  const active = activeOf(ground);
  announce(ground, change, active, [applyPlan(active, ground, change.consent)]);
  if (active.length === 0) return nothingToDo(ground);
  const consent = await agreed(ground, change.consent);
  return applyAndTell(ground, active, consent);
}

async function backup(ground: Ground): Promise<Carried> {
  const { context, prepared } = ground;
  const databases = prepared.map(({ run }) => run.database.name);
  const plan: Plan = {
    operation: 'backup',
    environment: context.environment.name,
    databases,
    steps: [{ kind: 'backup', databases }],
  };
  announce(ground, { kind: 'backup' }, prepared, [plan]);
  await executePlan(plan, context);
  const id = context.progress.backup;
  return {
    message:
      id === undefined
        ? `${context.environment.name} has nothing to back up yet.`
        : `Backup ${id} of ${context.environment.name} is taken and read back.`,
  };
}

async function restore(change: Extract<Change, { kind: 'restore' }>, ground: Ground): Promise<Carried> {
  const { context, prepared } = ground;
  refuseUnconfirmedRestore(change, context);
  const databases = prepared.map(({ run }) => run.database.name);
  const plan: Plan = {
    operation: 'restore',
    environment: context.environment.name,
    databases,
    steps: [
      { kind: 'backup', databases },
      ...databases.flatMap((database): Plan['steps'] => [
        { kind: 'lock', database, do: 'take' },
        { kind: 'restore', database, into: 'target', backup: change.backup },
        { kind: 'lock', database, do: 'release' },
      ]),
    ],
  };
  announce(ground, change, prepared, [plan]);
  await executePlan(plan, context);
  const undo = context.progress.backup;
  return {
    message: `${context.environment.name} is as ${change.backup} has it.${undo === undefined ? '' : ` What it was before is ${undo}.`}`,
  };
}

/** Databases with something to do; the others are only shown. */
function activeOf({ prepared }: Ground): readonly Prepared[] {
  return prepared.filter(({ selected }) => selected.length > 0);
}

function inputOf({ run, selected }: Prepared): PlanInput {
  return {
    database: run.database.name,
    selected,
    migrations: run.migrations,
    bookkeeping: run.bookkeeping,
    entries: run.entries,
  };
}

function applyPlan(active: readonly Prepared[], { context, hooks }: Ground, consent: Consent): Plan {
  return planApply(
    context.environment.name,
    active.map((prepared) => ({
      ...inputOf(prepared),
      evidence: prepared.run.evidence,
      expectations: expectationsOf(prepared, consent),
    })),
    hooks,
  );
}

function expectationsOf({ run, selected, foreignKeys, schema }: Prepared, { acceptLoss }: Consent) {
  const { evidence } = run;
  if (!evidence) return () => undefined;
  const all = rowExpectations({ migrations: selected, evidence, foreignKeys, schema, accepted: acceptLoss });
  return (tag: string) => all.find((expectations) => expectations.tag === tag);
}

async function applyAndTell(ground: Ground, active: readonly Prepared[], consent: Consent): Promise<Carried> {
  const { context } = ground;
  await executePlan(applyPlan(active, ground, consent), context);
  const { applied } = context.progress;
  const last = applied.at(-1)?.tag ?? '';
  return {
    message: `${context.environment.name} is at ${last}: ${quantity(applied.length, 'migration')} applied and verified.`,
  };
}

/** Asks where flags do not answer, and judges the answer by the same rules. */
async function agreed(ground: Ground, given: Consent): Promise<Consent> {
  const { context, workspace, options } = ground;
  boundary(context);
  const review = reviewOf(context.environment, activeOf(ground), workspace.project.root);
  const decision: Decision =
    given.yes === 'given'
      ? { kind: 'confirmed', consent: given, how: given.how ?? 'flag' }
      : await options.decide(review);
  if (decision.kind === 'declined') refuse(review, given);
  else refuse(review, decision.consent);
  boundary(context);
  const consent = decision.kind === 'confirmed' ? decision.consent : given;
  const how = decision.kind === 'confirmed' ? decision.how : 'flag';
  const confirmation = { by: context.who.by, how, hash: review.hash, at: new Date().toISOString() };
  await context.ledger.note(context.run, {
    planHash: review.hash,
    confirmation: JSON.stringify({
      ...confirmation,
      acceptLoss: consent.acceptLoss,
      accept: consent.accept,
      without: consent.without,
      reason: consent.reason,
    }),
  });
  context.events.emit({ kind: 'confirmed', by: context.who.by, how, hash: review.hash });
  return consent;
}

/** @throws the refusal with the hash that would be accepted */
function refuse(review: Review, consent: Consent): void {
  const verdict = judgeConsent(review, consent);
  if (verdict.kind === 'granted') return;
  throw Object.assign(new MigrateError(verdict.code, verdict.message, { next: verdict.next }), {
    hash: review.hash,
  });
}

const noConsent: Consent = {
  yes: 'not-given',
  confirm: undefined,
  acceptLoss: [],
  accept: [],
  without: [],
  reason: undefined,
};

function confirmed({ environment, hash }: Review): Consent['confirm'] {
  return { environment, hash };
}

/** Break-glass: what is left out must be said by name and with a reason. */
function refuseUnlessBroken({ without, reason, confirm }: Consent, environment: string): 'rehearse' | 'skip' {
  if (without.length === 0) return 'rehearse';
  const whole = `migrate-tui deploy ${environment} --yes --without backup --without dry-run --confirm ${environment} --reason '…'`;
  if (!without.includes('dry-run')) {
    throw new MigrateError(
      'refused',
      'The dry-run restores the backup, so it cannot be done without one. Nothing was changed.',
      {
        next: `Leave out both: ${whole}`,
      },
    );
  }
  if (reason === undefined || confirm?.environment !== environment) {
    throw new MigrateError(
      'not-confirmed',
      `Going without ${without.join(' and ')} needs a reason and the environment's name. Nothing was changed.`,
      {
        next: whole,
      },
    );
  }
  return 'skip';
}

function refuseUnconfirmedRestore(
  { consent, backup: id }: Extract<Change, { kind: 'restore' }>,
  { environment }: RunContext,
): void {
  const named = !environment.protected || consent.confirm?.environment === environment.name;
  if (consent.yes === 'given' && named) return;
  const command = `migrate-tui restore ${environment.name} ${id} --yes${environment.protected ? ` --confirm ${environment.name}` : ''}`;
  throw new MigrateError(
    'not-confirmed',
    `A restore overwrites what ${environment.name} holds now; nobody agreed to that. Nothing was changed.`,
    {
      next: `A backup of the present state is taken first. Run: ${command}`,
    },
  );
}

function announce(
  { context, prepared }: Ground,
  change: Pick<Change, 'kind'> | Change,
  active: readonly Prepared[],
  plans: readonly Plan[],
): void {
  const { environment, events, who } = context;
  const operation = 'environment' in change ? operationOf(change) : 'backup';
  events.emit({
    kind: 'started',
    operation,
    environment: environment.name,
    protected: environment.protected,
    databases: active.map(({ run }) => run.database.name),
    steps: plans.flatMap(plannedSteps),
    by: who.by,
    host: who.host,
    version: who.version,
    git: who.git,
  });
  for (const message of prepared.flatMap(({ warnings }) => warnings)) {
    events.emit({ kind: 'notice', level: 'warning', message });
  }
}

function nothingToDo({ context, prepared }: Ground): Carried {
  const waiting = prepared.flatMap((one) => one.waiting);
  const [first] = waiting;
  const name = context.environment.name;
  if (first)
    return {
      message: `Nothing to deploy to ${name} now: ${quantity(waiting.length, 'migration')} wait; ${first.tag} is ${first.why}.`,
    };
  const at = prepared.map(({ run }) => run.migrations.at(-1)?.tag).find((tag) => tag !== undefined);
  return {
    message: `Nothing to deploy: ${name} is ${at === undefined ? 'without migrations' : `at ${at}`}.`,
  };
}

function planFileOf(
  { selection }: Extract<Change, { kind: 'dry-run' }>,
  active: readonly Prepared[],
  review: Review,
  { context, workspace }: Ground,
) {
  return {
    schemaVersion: 1,
    kind: 'plan-file',
    version: context.who.version,
    environment: context.environment.name,
    rehearsedAt: new Date().toISOString(),
    run: context.run,
    backup: context.progress.backup,
    databases: active.map(({ run, selected }) => ({
      database: run.database.name,
      location: shownAddress(run.target.address, workspace.project.root),
      migrations: selected.map(({ tag, hash }) => ({ tag, hash })),
    })),
    order: selection.order,
    evidence: review.evidence,
    findings: review.findings,
    hash: review.hash,
  } as const;
}
