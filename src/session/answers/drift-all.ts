import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Question } from '../../operations/questions.ts';
import type { DriftTableReport, DriftTableTarget } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { appliedIn, driftOfTarget } from '../target/drift-of-target.ts';
import { noteDrift } from '../target/note-drift.ts';
import { readTarget } from '../prepare/read-target.ts';
import { replaysOnce, type Replays } from '../target/replays.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** Every environment beside its own migrations, as fingerprints; one that does not answer holds none of the others up. */
export async function answerDriftAll(
  workspace: Workspace,
  { databases }: Extract<Question, { kind: 'drift-all' }>,
  signal: AbortSignal | undefined,
): Promise<DriftTableReport> {
  const asked = { signal, replays: replaysOnce(signal) };
  const environments = await Promise.all(
    workspace.project.environments.map(async (environment) => {
      const wanted = databases?.filter((name) =>
        environment.targets.some(({ database }) => database === name),
      );
      const targets: DriftTableTarget[] = [];
      for (const target of workspace.targetsOf(environment, wanted)) {
        targets.push(await rowOf(workspace, environment, target, asked));
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

interface Asked {
  readonly signal: AbortSignal | undefined;
  readonly replays: Replays;
}

async function rowOf(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  asked: Asked,
): Promise<DriftTableTarget> {
  const { name } = target.database;
  try {
    return { database: name, ...(await stateOf(workspace, environment, target, asked)) };
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code === 'interrupted') throw error;
    return { database: name, state: 'unreachable', why: error.message };
  }
}

async function stateOf(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  { signal = new AbortController().signal, replays }: Asked,
): Promise<Omit<DriftTableTarget, 'database'>> {
  const { run, snapshot } = await readTarget(workspace, environment, target, {
    signal,
    purpose: 'question',
    whenLocked: 'go-on',
  });
  await using engine = run.engine;
  if (!engine) return { state: 'missing' };
  const { history } = snapshot;
  const found = await driftOfTarget(workspace, { target, engine, history, replays });
  const at = appliedIn(history).at(-1)?.tag;
  const known = { fingerprint: fingerprint(found.schema), ...(at === undefined ? {} : { at }) };
  switch (found.kind) {
    case 'not-replayed':
      return { ...known, state: 'not-replayed', why: found.why };
    case 'compared':
      return {
        ...known,
        state: found.objects === 0 ? 'equal' : 'differs',
        objects: found.objects,
        ignored: found.ignored,
      };
    default:
      return unreachable(found);
  }
}
