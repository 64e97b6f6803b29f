import { commandLine } from '../../lib/command-line.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Change, Consent } from '../../operations/change.ts';
import { changeCommand, changeWords } from '../../operations/change-command.ts';
import { planApply, planBackup, planRehearsal, planLastVerify } from '../../operations/plan/plan.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { rowExpectations } from '../../operations/evidence/row-expectations.ts';
import { executePlan } from '../../runs/execute.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { agreed } from './agree.ts';
import { agreeToCopy } from './copying.ts';
import {
  activeOf,
  announce,
  inputOf,
  nothingToDo,
  rehearsalInputs,
  standOnBackup,
  type Carried,
  type Ground,
} from './ground.ts';
import { placesAfterDeploy, placesSaid } from './place.ts';

/** Rehearse, ask, apply, verify. */
export async function deploy(change: Extract<Change, { kind: 'deploy' }>, ground: Ground): Promise<Carried> {
  const { context } = ground;
  const active = activeOf(ground);
  const beginning = beginningOf(change);
  const before = planBefore(beginning, active, ground);
  if (active.length === 0) {
    await finishLeft(change, ground);
    return nothingToDo(ground);
  }
  announce(ground, change, active, [...before, stepsToCome(active, ground)]);
  if (beginning === 'rehearse') await agreeToCopy(ground, active);
  for (const plan of before) await executePlan(plan, context);
  await agreeAndApply(ground, active, change.consent, changeCommand(change));
  return deployed(ground, active);
}

/** Nothing to do; but a run that died after its last migration left its verify undone and its lock in the way. */
export async function finishLeft(
  change: Extract<Change, { kind: 'deploy' | 'rollback' }>,
  ground: Ground,
): Promise<void> {
  const { context, prepared } = ground;
  const { name, protected: isProtected } = context.environment;
  const mayWrite =
    change.consent.yes === 'given' && (!isProtected || change.consent.confirm?.environment === name);
  const left = prepared.filter(({ lock }) => mayWrite && lock === 'left').map(({ run }) => run.database.name);
  const plan = planLastVerify(change.kind, name, left);
  announce(ground, change, [], [plan]);
  await executePlan(plan, context);
}

/** The second half, from a plan that was rehearsed before. */
export async function deployPlan(
  change: Extract<Change, { kind: 'deploy-plan' }>,
  ground: Ground,
): Promise<Carried> {
  const active = activeOf(ground);
  announce(ground, change, active, [stepsToCome(active, ground)]);
  if (active.length === 0) return nothingToDo(ground);
  standOnBackup(ground, active);
  await agreeAndApply(ground, active, change.consent, changeCommand(change));
  return deployed(ground, active);
}

/** Neither backup nor rehearsal: for environments that can be thrown away. */
export async function apply(change: Extract<Change, { kind: 'apply' }>, ground: Ground): Promise<Carried> {
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
  announce(ground, change, active, [stepsToCome(active, ground)]);
  if (active.length === 0) return nothingToDo(ground);
  await agreeAndApply(ground, active, change.consent, changeCommand(change));
  return deployed(ground, active);
}

/** The apply as it is announced: what guards its rows is known only with the evidence and the consent. */
export function stepsToCome(active: readonly Prepared[], { context, hooks }: Ground): Plan {
  return planApply(
    context.environment.name,
    active.map((prepared) => ({
      ...inputOf(prepared),
      evidence: prepared.run.evidence,
      expectations: () => undefined,
    })),
    hooks,
  );
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
  const all = rowExpectations({
    migrations: selected,
    evidence: run.evidence,
    foreignKeys,
    schema,
    accepted: acceptLoss,
  });
  return (tag: string) => all.find((expectations) => expectations.tag === tag);
}

/** Asks for consent with the evidence at hand, then applies and verifies. */
export async function agreeAndApply(
  ground: Ground,
  active: readonly Prepared[],
  given: Consent,
  command?: string,
): Promise<void> {
  const consent = await agreed(ground, given, command);
  await executePlan(applyPlan(active, ground, consent), ground.context);
}

/** Databases in which nothing ran are where they were, and not said. */
function deployed({ context }: Ground, active: readonly Prepared[]): Carried {
  const { applied } = context.progress;
  const place = placesSaid(placesAfterDeploy(active));
  return {
    message: `${context.environment.name} is ${place}: ${quantity(applied.length, 'migration')} applied and verified.`,
  };
}

function planBefore(
  beginning: 'rehearse' | 'back-up' | 'skip',
  active: readonly Prepared[],
  ground: Ground,
): readonly Plan[] {
  const { context, hooks } = ground;
  const environment = context.environment.name;
  switch (beginning) {
    case 'rehearse':
      return [planRehearsal(environment, rehearsalInputs(active, ground), hooks)];
    case 'back-up':
      return [
        planBackup(
          environment,
          active.map(({ run }) => run.database.name),
        ),
      ];
    case 'skip':
      return [];
    default:
      return unreachable(beginning);
  }
}

/** Break-glass: what is left out must be said by name and with a reason. */
function beginningOf(change: Extract<Change, { kind: 'deploy' }>): 'rehearse' | 'back-up' | 'skip' {
  const { environment, consent } = change;
  const { without, reason, confirm } = consent;
  if (without.length === 0) return 'rehearse';
  const command = (steps: Consent['without']) =>
    commandLine([
      ...changeWords(change),
      '--yes',
      ...steps.flatMap((step) => ['--without', step]),
      '--confirm',
      environment,
      '--reason',
      '…',
    ]);
  if (!without.includes('dry-run')) {
    throw new MigrateError(
      'refused',
      'The dry-run restores the backup, so it cannot be done without one. Nothing was changed.',
      {
        next: `Leave out both: ${command(['backup', 'dry-run'])}`,
      },
    );
  }
  if (reason === undefined || confirm?.environment !== environment) {
    throw new MigrateError(
      'not-confirmed',
      `Going without ${without.join(' and ')} needs a reason and the environment's name. Nothing was changed.`,
      { next: command(without) },
    );
  }
  return without.includes('backup') ? 'skip' : 'back-up';
}
