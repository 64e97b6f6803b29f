import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Change } from '../../operations/change.ts';
import { planCorrection, planTakeOver, type Plan } from '../../operations/plan.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Carried, Ground } from './ground.ts';
import { refuseUnaccepted, refuseUnconfirmed, type AskedConsent } from './plain-consent.ts';
import { chosenWay, isStillOffered, type Chosen } from './recover-choice.ts';
import { recoverCommand } from './recover-command.ts';
import { recoverByRestoring } from './recover-by-restoring.ts';
import { recoverByRunning } from './recover-by-running.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;

/** Carries out one of the ways out that the question named, on the one database that has such a case. */
export async function recover(change: RecoverChange, ground: Ground): Promise<Carried> {
  const chosen = await chosenWay(change, ground);
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
      if (way.needsAcceptance !== undefined) refuseUnproven(change, chosen, way.needsAcceptance);
      refuseUnconfirmed(consentFor(change, ground, chosen));
      return carry(change, ground, chosen, (name) =>
        planCorrection(name, {
          operation: 'recover',
          database,
          what: why,
          statements: way.statements(Date.now()),
        }),
      );
    case 'take-over':
      refuseUnconfirmed(consentFor(change, ground, chosen));
      return carry(change, ground, chosen, (name) => planTakeOver(name, database));
    default:
      return unreachable(way);
  }
}

async function carry(
  change: RecoverChange,
  ground: Ground,
  { prepared }: Chosen,
  planFor: (environment: string) => Plan,
): Promise<void> {
  const plan = planFor(change.environment);
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

function consentFor(
  change: RecoverChange,
  { context: { environment } }: Ground,
  { says, why }: Chosen,
): AskedConsent {
  return { consent: change.consent, environment, says: `${says} ${why}`, command: recoverCommand(change) };
}

/** What cannot be proven is recorded only when a person answers for it by name. */
function refuseUnproven(change: RecoverChange, { says, tags }: Chosen, rule: string): void {
  refuseUnaccepted({
    consent: change.consent,
    rule,
    tags,
    says: `${says} Whether its data is as it should be is not proven.`,
    command: recoverCommand(change),
  });
}
