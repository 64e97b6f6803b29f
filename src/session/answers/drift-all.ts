import { MigrateError } from '../../lib/errors.ts';
import { driftOf } from '../../operations/drift.ts';
import type { Question } from '../../operations/questions.ts';
import type { DriftTableReport, DriftTableTarget } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { ignoreRules } from '../ignore-rules.ts';
import { noteDrift } from '../note-drift.ts';
import { readTarget } from '../read-target.ts';
import { schemaOfMigrations, schemaOfTarget } from '../schema-of.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** Every environment beside its own migrations, as fingerprints; one that does not answer holds none of the others up. */
export async function answerDriftAll(
  workspace: Workspace,
  { databases }: Extract<Question, { kind: 'drift-all' }>,
  signal: AbortSignal | undefined,
): Promise<DriftTableReport> {
  const environments = await Promise.all(
    workspace.project.environments.map(async (environment) => {
      const wanted = databases?.filter((name) =>
        environment.targets.some(({ database }) => database === name),
      );
      const targets: DriftTableTarget[] = [];
      for (const target of workspace.targetsOf(environment, wanted)) {
        targets.push(await rowOf(workspace, environment, target, signal));
      }
      return { environment: environment.name, targets };
    }),
  );
  // One after the other: the ledger is one file.
  for (const { environment, targets } of environments) {
    for (const { database, state } of targets) {
      if (state === 'equal' || state === 'differs')
        await noteDrift(workspace, { environment, database, result: state });
    }
  }
  return { schemaVersion: 1, kind: 'drift-all', environments };
}

async function rowOf(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<DriftTableTarget> {
  const { name } = target.database;
  try {
    return { database: name, ...(await stateOf(workspace, environment, target, signal)) };
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code === 'interrupted') throw error;
    return { database: name, state: 'unreachable', why: error.message };
  }
}

async function stateOf(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  signal: AbortSignal = new AbortController().signal,
): Promise<Omit<DriftTableTarget, 'database'>> {
  const { run, snapshot } = await readTarget(workspace, environment, target, {
    signal,
    purpose: 'question',
    whenLocked: 'go-on',
  });
  await using engine = run.engine;
  if (!engine) return { state: 'missing' };
  const right = await schemaOfTarget(engine, target);
  const ran = snapshot.history.items.flatMap((item) =>
    item.kind === 'applied' || item.kind === 'changed' ? [item.migration] : [],
  );
  const at = ran.at(-1)?.tag;
  const known = { fingerprint: fingerprint(right), ...(at === undefined ? {} : { at }) };
  const left = await schemaOfMigrations(ran, target, signal).catch((error: unknown) => {
    const isOfReplay = error instanceof MigrateError && ['migrations', 'config'].includes(error.code);
    if (isOfReplay) return error;
    throw error;
  });
  if (left instanceof MigrateError) return { ...known, state: 'not-replayed', why: left.message };
  const { objects, ignored } = driftOf({
    database: target.database.name,
    left,
    right,
    ignore: ignoreRules(workspace.project),
    causeOf: () => undefined,
  });
  return {
    ...known,
    state: objects.length === 0 ? 'equal' : 'differs',
    objects: objects.length,
    ignored: ignored.length,
  };
}
