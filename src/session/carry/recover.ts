import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Change } from '../../operations/change.ts';
import { planRecover, planTakeOver, type Plan } from '../../operations/plan.ts';
import { executePlan } from '../../runs/execute.ts';
import { announce, type Carried, type Ground } from './ground.ts';
import { chosenWay, commandOf, isStillOffered, type Chosen } from './recover-choice.ts';
import { recoverByRestoring } from './recover-by-restoring.ts';
import { recoverByRunning } from './recover-by-running.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;

/** Carries out one of the ways out that the question named, on the one database that has such a case. */
export async function recover(change: RecoverChange, ground: Ground): Promise<Carried> {
  const chosen = await chosenWay(change, ground);
  await takeWay(change, ground, chosen);
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
      refuseUnaccepted(change, chosen);
      refuseUnconfirmed(change, ground, chosen);
      return carry(change, ground, chosen, (name) =>
        planRecover(name, { database, what: why, statements: way.statements(Date.now()) }),
      );
    case 'take-over':
      refuseUnconfirmed(change, ground, chosen);
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
  announce(ground, change, [prepared], [plan]);
  await executePlan(plan, ground.context);
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
function refuseUnaccepted(change: RecoverChange, { way, tags, says }: Chosen): void {
  if (way.kind !== 'correct' || way.needsAcceptance === undefined) return;
  const rule = way.needsAcceptance;
  const { accept } = change.consent;
  const open = tags.filter((tag) => !accept.some((given) => given.rule === rule && given.tag === tag));
  if (open.length === 0) return;
  const named = open.map((tag) => `--accept ${rule}:${tag}`).join(' ');
  throw new MigrateError(
    'not-confirmed',
    `${says} Whether its data is as it should be is not proven, so it needs to be answered for by name. Nothing was changed.`,
    { next: `Look at the rows first, then run: ${commandOf(change)} --yes ${named} --reason '…'` },
  );
}

function refuseUnconfirmed(
  change: RecoverChange,
  { context: { environment } }: Ground,
  { says, why }: Chosen,
): void {
  const { consent, environment: name } = change;
  const named = !environment.protected || consent.confirm?.environment === name;
  if (consent.yes === 'given' && named) return;
  const command = [commandOf(change), '--yes', ...(environment.protected ? [`--confirm ${name}`] : [])];
  throw new MigrateError(
    'not-confirmed',
    `${says} ${why} Nobody agreed to that yet, and nothing was changed.`,
    { next: `A backup of the present state is taken first. Run: ${command.join(' ')}` },
  );
}
