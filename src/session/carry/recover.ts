import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Acceptance } from '../../operations/consent/account.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { planCorrection, planTakeOver } from '../../operations/plan/plan.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Carried, Ground } from './ground.ts';
import { confirmFor, refuseUnagreed } from './plain-consent.ts';
import { chosenWay, isStillOffered, type Chosen } from './recover-choice.ts';
import { recoverByRestoring } from './recover-by-restoring.ts';
import { recoverByRunning } from './recover-by-running.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;

/** Carries out one of the ways out that the question named, on the one database that has such a case. */
export async function recover(change: RecoverChange, ground: Ground): Promise<Carried> {
  const chosen = await chosenWay(change, ground);
  const { run, ledger } = ground.context;
  // Every database was looked at; this one alone is written.
  await ledger.note(run, { databases: JSON.stringify([chosen.database]) });
  await takeWay(change, { ...ground, found: chosen.found }, chosen);
  await proveGone(change, ground, chosen);
  const { database } = chosen;
  return { message: `${database} in ${change.environment} is recovered: ${change.option} is done.` };
}

async function takeWay(change: RecoverChange, ground: Ground, chosen: Chosen): Promise<void> {
  const { database, way, why, prepared } = chosen;
  switch (way.kind) {
    case 'run':
    case 'undo':
      return recoverByRunning(change, ground, { prepared, way });
    case 'restore':
      return recoverByRestoring(change, ground, { ...chosen, backup: way.backup });
    case 'correct':
      return carry(change, ground, chosen, {
        unproven: way.needsAcceptance,
        plan: planCorrection(change.environment, {
          operation: 'recover',
          database,
          what: why,
          statements: way.statements(Date.now()),
        }),
      });
    case 'take-over':
      return carry(change, ground, chosen, {
        unproven: undefined,
        plan: planTakeOver(change.environment, database),
      });
    default:
      return unreachable(way);
  }
}

interface Carrying {
  readonly plan: Plan;
  /** The rule under which a person answers for what cannot be proven. */
  readonly unproven: string | undefined;
}

async function carry(
  change: RecoverChange,
  ground: Ground,
  chosen: Chosen,
  { plan, unproven }: Carrying,
): Promise<void> {
  const { environment } = ground.context;
  const { prepared, database, says, tags, why } = chosen;
  await refuseUnagreed(ground, change.consent, {
    operation: 'recover',
    environment: environment.name,
    protected: environment.protected,
    says: [says, why],
    words: changeWords(change),
    databases: [{ database, writes: undefined, loses: undefined }],
    steps: plannedSteps(plan),
    destroys: false,
    consent: {
      confirm: confirmFor(environment),
      accept: unproven === undefined ? [] : tags.map((tag) => unprovenData(unproven, tag, says)),
    },
  });
  await carryAgreed(ground, change, { prepared: [prepared], plan });
}

async function proveGone(change: RecoverChange, ground: Ground, chosen: Chosen): Promise<void> {
  const { option, environment } = change;
  const { database, tags } = chosen;
  const left = await isStillOffered(change, ground, chosen).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    // It is written: whatever stands in the way now, the target is not as before.
    throw new MigrateError(
      'stopped-part-way',
      `${option} was carried out on ${database} in ${environment}, and cannot be read back: ${why}.`,
      { next: `migrate-tui recover ${environment} asks again.`, cause },
    );
  });
  if (!left) return;
  throw new MigrateError(
    'verify-differs',
    `${option} was carried out on ${database} in ${environment}, and ${tags.join(', ')} is as before.`,
    { next: `migrate-tui recover ${environment} says what is left.` },
  );
}

/** What cannot be proven is recorded only when a person answers for it by name. */
function unprovenData(rule: string, tag: string, says: string): Acceptance {
  return {
    flag: '--accept',
    value: `${rule}:${tag}`,
    says: `${says} Whether its data is as it should be is not proven.`,
    reason: 'needed',
  };
}
