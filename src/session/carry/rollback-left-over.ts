import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { lineUp } from '../../operations/history/history.ts';
import type { Finding } from '../../operations/reports.ts';
import { appliedIn } from '../../operations/rollback/database.ts';
import { leftOver, type RollbackPoints } from '../../operations/rollback/left-over.ts';
import type { RunContext, RunDatabase } from '../../runs/context.ts';
import { openReplayBase, type ReplayBaseOptions } from '../../runs/replay/replay-points.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Prepared } from '../prepare/prepare.ts';

/** Compares the schema in which the rehearsal ended with what the files that stay applied make from nothing. */
export async function leftOverIn(
  { run, schema }: Prepared,
  context: RunContext,
): Promise<readonly Finding[]> {
  const { database, selected, rehearsedSchema } = run;
  if (!rehearsedSchema) throw new Error(`${database.name} was not rehearsed.`);
  const { migrations, entries, bookkeeping } = run;
  const applied = appliedIn(lineUp({ migrations, entries, bookkeeping })).map(({ migration }) => migration);
  const points = await pointsOf(run, { applied, stays: applied.length - selected.length }, context);
  return leftOver({
    database: database.name,
    undone: selected,
    stays: applied[applied.length - selected.length - 1]?.tag,
    points,
    before: schema,
    after: rehearsedSchema,
  });
}

async function pointsOf(
  run: RunDatabase,
  { applied, stays }: { readonly applied: readonly Migration[]; readonly stays: number },
  { signal }: RunContext,
): Promise<RollbackPoints> {
  try {
    await using base = await openReplayBase({ ...placeOf(run), bookkeeping: run.database.table, signal });
    const schemas: Schema[] = [];
    for (const [index, { tag, statements }] of applied.entries()) {
      if (index >= stays) schemas.push(await base.schema());
      signal.throwIfAborted();
      const refusal = await base.keep(statements);
      if (refusal) return { schemas, stopped: `${tag} does not run in an empty database (${refusal.why})` };
    }
    return { schemas: [...schemas, await base.schema()] };
  } catch (error) {
    // There is nothing to replay them in.
    if (error instanceof MigrateError && error.code === 'config')
      return { schemas: [], stopped: error.message };
    throw error;
  }
}

/** The engine's own rules; of PostgreSQL a scratch database where the rehearsal has one. */
function placeOf({
  target: { address },
  evidence,
}: RunDatabase): Pick<ReplayBaseOptions, 'like' | 'scratch'> {
  if (address.kind !== 'postgres' || evidence?.rehearsal !== 'full') return { like: address.kind };
  return { like: address.kind, scratch: address.scratch ?? address };
}
