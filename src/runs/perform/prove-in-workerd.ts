import { runInWorkerd, type WorkerdRun } from '../../engines/d1/workerd.ts';
import { openSqliteReader } from '../../engines/sqlite-reader.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Evidence } from '../../operations/evidence/evidence.ts';
import type { Measurement, TableMeasurement } from '../../operations/evidence/measurement.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readSchema } from '../../schema/read.ts';
import { noteStop, type RunContext, type RunDatabase } from '../context.ts';
import { causeOf } from '../cause-of.ts';
import { measure } from '../measure/measure.ts';

/** What the rehearsal gave. */
interface Outcome {
  readonly measured: Measurement;
  /** Fingerprint. */
  readonly schema: string;
}

/**
 * Sends the rehearsed units to workerd, the engine of D1, as batches on a copy of the same rows: it must accept each
 * and end with the same schema, rows and filled values. Values themselves are not compared: the clock has moved.
 *
 * @returns undefined where D1 is not the target
 * @throws MigrateError `rehearsal-failed`, `interrupted`
 */
export async function proveInWorkerd(
  of: RunDatabase,
  outcome: Outcome,
  context: RunContext,
): Promise<Evidence['ranIn']> {
  const { address } = of.target;
  if (address.kind !== 'd1-local' && address.kind !== 'd1-remote') return undefined;
  const { scratch } = of;
  if (scratch?.startForWorkerd === undefined) return 'simulation';
  const run = await runInWorkerd({
    root: context.projectRoot,
    file: scratch.startForWorkerd,
    folder: `${scratch.startForWorkerd}.workerd`,
    units: scratch.units,
    signal: context.signal,
  });
  switch (run.kind) {
    case 'ran':
      await insistOnSame(run.file, outcome, of, context);
      return 'workerd';
    case 'failed':
      throw await refusedByWorkerd(of, run, context);
    case 'not-installed':
      return 'simulation';
    case 'not-started':
      context.events.emit({
        kind: 'notice',
        level: 'warning',
        message: `workerd did not start (${run.why}): the rehearsal applied D1's rules without it.`,
      });
      return 'simulation';
    default:
      return unreachable(run);
  }
}

async function refusedByWorkerd(
  of: RunDatabase,
  { unit, error }: Extract<WorkerdRun, { kind: 'failed' }>,
  context: RunContext,
): Promise<MigrateError> {
  const migration = of.selected[unit];
  if (migration) noteStop(context, { tag: migration.tag });
  const { engine } = of;
  const cause = migration && engine && (await causeOf({ migration, failed: { error }, engine }, of, context));
  const said = context.showValues === 'show' ? error.message : withoutValues(error.message);
  const why = cause === undefined ? '' : ` ${stopped(cause.why)}`;
  return new MigrateError(
    'rehearsal-failed',
    `workerd, the engine of D1, refuses ${migration?.tag ?? 'a migration'}: ${said}.${why} ${context.environment.name} itself was not changed.`,
    { next: cause?.next ?? 'Correct the migration: D1 would refuse it too.', cause: error },
  );
}

async function insistOnSame(
  file: string,
  { measured, schema }: Outcome,
  { database }: RunDatabase,
  { environment, signal }: RunContext,
): Promise<void> {
  await using there = await openSqliteReader({ path: file, busyTimeout: 5000, signal });
  const options = { bookkeeping: [database.table] };
  const differs =
    fingerprint(await readSchema(there.query, options)) === schema
      ? differenceIn(measured, await measure(there.query, { signal, leaveOut: [database.table] }))
      : 'the schema is another one';
  if (differs === undefined) return;
  throw new MigrateError(
    'rehearsal-failed',
    `workerd, the engine of D1, does not end where the rehearsal does: ${differs}. ${environment.name} itself was not changed.`,
    {
      next: 'Deploy it with wrangler to a copy first, and compare; the migration does something that only D1 does.',
    },
  );
}

function differenceIn(here: Measurement, there: Measurement): string | undefined {
  const found = new Map(there.tables.map((table) => [table.table, table]));
  for (const table of here.tables) {
    const other = found.get(table.table);
    if (other?.rows !== table.rows)
      return `${table.table} has ${quantity(other?.rows ?? 0, 'row')} there and ${quantity(table.rows, 'row')} here`;
    const column = filledDifferently(table, other);
    if (column !== undefined) return `${table.table}.${column} is not filled in the same rows`;
  }
  return undefined;
}

function filledDifferently(here: TableMeasurement, there: TableMeasurement): string | undefined {
  return here.columns.find(({ column, nonNull }) => {
    const other = there.columns.find((one) => one.column === column);
    return other?.nonNull !== nonNull;
  })?.column;
}
