import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readSchema } from '../../schema/read.ts';
import type { RunContext, RunDatabase, Scratch } from '../context.ts';
import { readEntries } from '../snapshot.ts';
import { isThere } from './is-there.ts';
import { forgetProof } from './self-test.ts';
import { tallyTable } from './tally.ts';

/**
 * Whether the target is as it was before a rehearsal inside it.
 *
 * @throws MigrateError `stopped-part-way` when something of the rehearsal stayed, `target-changed` when somebody else
 *   changed history or schema meanwhile
 */
export async function insistNothingLeft(
  engine: Engine,
  of: RunDatabase,
  { fingerprintBefore, historyBefore }: Scratch,
  context: RunContext,
): Promise<void> {
  const { environment, places } = context;
  if (await isThere(engine, tallyTable)) {
    await forgetProof(engine, places.selfTests);
    throw leftSomething(engine, of, context);
  }
  const { table } = of.database;
  const shaped = of.bookkeeping.withShape(await engine.query(of.bookkeeping.shape));
  const history = shaped.digest(await readEntries(engine, shaped));
  const schema = fingerprint(await readSchema(engine.query, { bookkeeping: [table] }));
  if (history === historyBefore && schema === fingerprintBefore) return;
  throw new MigrateError(
    'target-changed',
    `Somebody else changed the ${history === historyBefore ? 'schema' : 'history'} of ${environment.name} while it was rehearsed. Nothing of the rehearsal is left there.`,
    { next: `Look at the status, and rehearse again: migrate-tui dry-run ${environment.name}` },
  );
}

function leftSomething(engine: Engine, { backup }: RunDatabase, { environment }: RunContext): MigrateError {
  const back =
    backup === undefined
      ? `migrate-tui status ${environment.name} shows what is there; ${tallyTable} can be dropped.`
      : `migrate-tui restore ${environment.name} ${backup.id} takes it back to the moment before the rehearsal.`;
  return new MigrateError(
    'stopped-part-way',
    `${engine.location} did not undo the rehearsal that ran inside it, although it had undone a batch before: statements of the migrations are in ${environment.name} now.`,
    { next: back },
  );
}
