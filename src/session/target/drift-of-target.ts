import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { driftOf } from '../../operations/drift/drift.ts';
import type { History } from '../../operations/history/history.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Schema } from '../../schema/schema.ts';
import { ignoreRules } from './ignore-rules.ts';
import type { Replays } from './replays.ts';
import { schemaOfTarget } from './schema-of.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** How many objects of a target are not what its applied migrations give. */
export type DriftFound =
  | {
      readonly kind: 'compared';
      readonly schema: Schema;
      readonly objects: number;
      /** How many of the differences the configuration allows; they are not among the objects. */
      readonly ignored: number;
    }
  /** Its migrations give nothing to compare with. */
  | { readonly kind: 'not-replayed'; readonly schema: Schema; readonly why: string };

export interface DriftSubject {
  readonly target: TargetDatabase;
  readonly engine: Engine;
  readonly history: History;
  readonly replays: Replays;
}

/** Compares a target that is open with its own applied migrations; reads only. */
export async function driftOfTarget(
  { project }: Pick<Workspace, 'project'>,
  { target, engine, history, replays }: DriftSubject,
): Promise<DriftFound> {
  const schema = await schemaOfTarget(engine, target);
  const left = await replays(appliedIn(history), target).catch((error: unknown) => {
    const isOfReplay = error instanceof MigrateError && ['migrations', 'config'].includes(error.code);
    if (isOfReplay) return error;
    throw error;
  });
  if (left instanceof MigrateError) return { kind: 'not-replayed', schema, why: left.message };
  const { objects, ignored } = driftOf({
    database: target.database.name,
    left,
    right: schema,
    ignore: ignoreRules(project),
    causeOf: () => undefined,
  });
  return { kind: 'compared', schema, objects: objects.length, ignored: ignored.length };
}

/** The migrations that ran in a target, in their order. */
export function appliedIn({ items }: History): readonly Migration[] {
  return items.flatMap((item) =>
    item.kind === 'applied' || item.kind === 'changed' ? [item.migration] : [],
  );
}
