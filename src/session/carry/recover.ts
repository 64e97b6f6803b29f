import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import { planRecover } from '../../operations/plan.ts';
import type { RecoverableCase } from '../../operations/recovery.ts';
import { executePlan } from '../../runs/execute.ts';
import { readSnapshot } from '../../runs/snapshot.ts';
import type { Prepared } from '../prepare.ts';
import { recoverableIn } from '../recoverable.ts';
import { announce, type Carried, type Ground } from './ground.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;

/** Carries out one of the ways out that the question named, on the one database that has such a case. */
export async function recover(change: RecoverChange, ground: Ground): Promise<Carried> {
  const { context } = ground;
  const { name } = context.environment;
  const { prepared, found } = await chosenCase(change, ground);
  const way = found.ways.get(change.option);
  const { shown } = found;
  const option = shown.options.find(({ id }) => id === change.option);
  if (way?.kind !== 'correct' || !option) throw new Error(`${change.option} has nothing to write.`);
  refuseUnconfirmed(change, ground, `${shown.tag}: ${shown.verdict}. ${option.why}`);
  const plan = planRecover(name, {
    database: shown.database,
    what: option.why,
    statements: way.statements(Date.now()),
  });
  announce(ground, change, [prepared], [plan]);
  await executePlan(plan, context);
  await proveGone(change, ground, prepared, found);
  return { message: `${shown.database} in ${name} is recovered: ${change.option} is done.` };
}

async function chosenCase(
  { option, environment }: RecoverChange,
  ground: Ground,
): Promise<{ readonly prepared: Prepared; readonly found: RecoverableCase }> {
  const all: { readonly prepared: Prepared; readonly found: RecoverableCase }[] = [];
  for (const prepared of ground.prepared) {
    for (const found of await casesIn(prepared, ground)) all.push({ prepared, found });
  }
  const [match, another] = all.filter(({ found }) =>
    found.shown.options.some(({ id, allowed }) => id === option && allowed),
  );
  if (match && another) {
    throw new MigrateError(
      'usage',
      `Several databases of ${environment} have a case for ${option}. Nothing was changed.`,
      {
        next: `Name one: migrate-tui recover ${environment} --choose ${option} --database ${match.found.shown.database}`,
      },
    );
  }
  if (match) return match;
  const options = all.flatMap(({ found }) =>
    found.shown.options.filter(({ allowed }) => allowed).map(({ id }) => id),
  );
  throw new MigrateError(
    'refused',
    `Nothing in ${environment} is to be recovered with ${option}. Nothing was changed.`,
    {
      next:
        options.length === 0
          ? `migrate-tui recover ${environment} says what it finds.`
          : `What it offers: ${[...new Set(options)].join(', ')}.`,
    },
  );
}

/** The target is read anew: what was read when the run was prepared may be a moment old. */
async function casesIn(
  { run }: Prepared,
  { workspace, context }: Ground,
): Promise<readonly RecoverableCase[]> {
  if (!run.engine) return [];
  const snapshot = await readSnapshot(run.engine, {
    migrations: run.migrations,
    bookkeeping: run.bookkeeping,
  });
  return recoverableIn(workspace, context.environment, run, {
    engine: run.engine,
    snapshot,
    signal: context.signal,
  });
}

async function proveGone(
  { option, environment }: RecoverChange,
  ground: Ground,
  prepared: Prepared,
  { shown: { database, tag } }: RecoverableCase,
): Promise<void> {
  const left = await casesIn(prepared, ground).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    // The records are written: whatever stands in the way now, the target is not as before.
    throw new MigrateError(
      'stopped-part-way',
      `${option} was carried out on ${database} in ${environment}, and cannot be read back: ${why}.`,
      { next: `migrate-tui recover ${environment} asks again.`, cause },
    );
  });
  if (!left.some(({ shown }) => shown.options.some(({ id }) => id === option))) return;
  throw new MigrateError(
    'verify-differs',
    `${option} was carried out on ${database} in ${environment}, and ${tag} is as before.`,
    { next: `migrate-tui recover ${environment} says what is left.` },
  );
}

function refuseUnconfirmed(
  { consent, option, environment: name, database }: RecoverChange,
  { context: { environment } }: Ground,
  what: string,
): void {
  const named = !environment.protected || consent.confirm?.environment === name;
  if (consent.yes === 'given' && named) return;
  const command = [
    `migrate-tui recover ${name} --choose ${option}`,
    ...(database === undefined ? [] : [`--database ${database}`]),
    '--yes',
    ...(environment.protected ? [`--confirm ${name}`] : []),
  ].join(' ');
  throw new MigrateError('not-confirmed', `${what} Nobody agreed to that yet, and nothing was changed.`, {
    next: `A backup of the present state is taken first. Run: ${command}`,
  });
}
