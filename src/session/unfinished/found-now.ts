import type { Engine } from '../../engines/engine.ts';
import type { Diagnosed } from '../../operations/diagnosis/diagnosis.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { DatabaseNow, SchemaNow } from '../../operations/incident/incident.ts';
import type { Environment } from '../../project/project.ts';
import { replay } from '../../runs/replay/replay.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { compareSchemas } from '../../schema/compare.ts';
import { readSchema } from '../../schema/read.ts';
import { readTarget } from '../prepare/read-target.ts';
import { examined } from './recoverable.ts';
import { asKnown } from '../refusal.ts';
import { statusOf } from '../status.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** What a database says of itself now: its status, what is unfinished in it, and how its schema differs. Only reads. */
export async function foundNow(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  signal: AbortSignal,
): Promise<DatabaseNow> {
  try {
    return await read(workspace, environment, target, signal);
  } catch (thrown) {
    const error = asKnown(thrown);
    if (!(error instanceof MigrateError) || error.code === 'interrupted') throw error;
    return { kind: 'not-read', why: error.message };
  }
}

async function read(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  signal: AbortSignal,
): Promise<DatabaseNow> {
  const databases = [target.database.name];
  const [asked] = (await statusOf(workspace, [environment.name], { databases, signal })).environments;
  const status = asked?.targets[0];
  if (!status) throw new Error(`${environment.name} answered without ${target.database.name}.`);
  if (status.error) return { kind: 'not-read', why: status.error.message };
  const { run, snapshot } = await readTarget(workspace, environment, target, {
    signal,
    purpose: 'question',
    whenLocked: 'go-on',
  });
  await using engine = run.engine;
  if (!engine) {
    const schema: SchemaNow = { kind: 'not-compared', why: 'The database does not exist yet.' };
    return { kind: 'read', status, cases: [], schema };
  }
  const { cases, diagnosed } = await examined(workspace, environment, target, { engine, snapshot, signal });
  return {
    kind: 'read',
    status,
    cases: cases.map(({ shown }) => shown),
    schema: await schemaNow(diagnosed, { engine, snapshot, signal }),
  };
}

/** Against the point before the first migration that is unfinished, else against what the records stand for. */
async function schemaNow(
  diagnosed: ReadonlyMap<string, Diagnosed>,
  {
    engine,
    snapshot,
    signal,
  }: { readonly engine: Engine; readonly snapshot: Snapshot; readonly signal: AbortSignal },
): Promise<SchemaNow> {
  const bookkeeping = snapshot.bookkeeping.table;
  const there = await readSchema(engine.query, { bookkeeping: [bookkeeping] });
  for (const [tag, { points }] of diagnosed) {
    const before = points?.[0];
    if (!before) continue;
    return { kind: 'compared', with: { kind: 'before', tag }, differences: compareSchemas(before, there) };
  }
  const recorded = snapshot.history.items.flatMap((item) =>
    item.kind === 'applied' || item.kind === 'changed' ? [item.migration] : [],
  );
  const replayed = await replay(recorded, { dialect: engine.query.dialect, bookkeeping, signal });
  if (replayed.kind === 'stopped') {
    const at = replayed.tag === undefined ? '' : `at ${replayed.tag}, `;
    return { kind: 'not-compared', why: `The recorded migrations cannot be replayed: ${at}${replayed.why}.` };
  }
  return { kind: 'compared', with: { kind: 'records' }, differences: compareSchemas(replayed.schema, there) };
}
