import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import { SqlError } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { copyRules } from '../../operations/copied-rows/copied-tables.ts';
import type { CopyStep } from '../../operations/plan/step.ts';
import type { RunContext } from '../context.ts';
import { copyReporter } from '../copy-reporter.ts';
import { copyPostgresUnder, putBackPostgres } from '../postgres/copy.ts';
import { makeScratchFolder, scratchFolder } from '../replay/scratch.ts';
import { insistOnHistory, notedCopy } from './copied.ts';
import type { Copy, Counted } from './copy.ts';

/**
 * Copies a PostgreSQL database under rules into a file of our own, and from there into the target in one transaction,
 * which looks at what it made before it commits.
 */
export async function copyTables(
  { step, of, source, engine, held }: Copy,
  context: RunContext,
): Promise<Counted> {
  const folder = scratchFolder(context.places.scratch, context.run);
  await makeScratchFolder(folder);
  const file = join(folder, `${encodeURIComponent(step.database)}.copy.pgdump`);
  const { signal } = context;
  try {
    const copied = await copyPostgresUnder(source.target.address, file, {
      masking: { rules: copyRules(step.tables), key: context.maskKey },
      shape: source.shape,
      called: step.from,
      signal,
      onProgress: copyReporter(step, context),
    });
    const lease = leaseTexts(engine.query.dialect);
    await notedCopy({ step }, context, async () => {
      await putBackPostgres({ address: of.target.address, engine }, file, {
        rights: 'left-out',
        fence: held.lock.fence(null),
        prepare: lease.plant(held.taker, held.epoch),
        landed: lease.planted(held.taker, held.epoch),
        check: (query) => insistOnHistory({ query }, source, step.from),
        onRemark: (message) => context.events.emit({ kind: 'notice', level: 'warning', message }),
        onProgress: copyReporter(step, context),
        signal,
      }).catch((error: unknown) => {
        throw unfitting(error, step) ?? error;
      });
      context.progress.copied.push(step.database);
    });
    return copied.tables;
  } finally {
    await rm(file, { force: true });
  }
}

/** The source keeps its own constraints, so that what breaks one is a masked value. */
function unfitting(error: unknown, { tables }: CopyStep): MigrateError | undefined {
  const refusal = error instanceof MigrateError && error.cause instanceof SqlError ? error.cause : undefined;
  if (!refusal?.code.startsWith('23') || !tables.some(({ how }) => how === 'masked')) return undefined;
  const fix =
    refusal.code === '23503'
      ? 'Give the columns that join these tables the same rule in masks.'
      : "Give the column another rule in masks ('null' or 'keep'), or leave the table's rows out with --exclude.";
  return new MigrateError(
    'refused',
    `Masked values do not fit together: ${refusal.message}. Nothing was changed.`,
    { next: fix, cause: error },
  );
}
