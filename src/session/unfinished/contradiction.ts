import { quantity } from '../../lib/numbers.ts';
import { MigrateError } from '../../lib/errors.ts';
import { some } from '../../migrations/some.ts';
import { movedRefusal } from '../../operations/history/moved-records.ts';
import { rekeyRefusal } from '../../operations/history/rekey.ts';
import type { Snapshot } from '../../runs/snapshot.ts';

/** Where the other runner is not given up, its table may decide instead. */
const goesOn = {
  drizzle: '',
  numbers: " Where that runner goes on, set bookkeeping: 'numbered' for the database in migrate-tui.config.",
  wrangler:
    " Where wrangler goes on running the files, set bookkeeping: 'd1' for the database in migrate-tui.config.",
};

/**
 * Refuses to deploy while records contradict themselves: what looks pending has run, under another name or in the
 * other tool's book, and its statements would run a second time.
 *
 * @throws MigrateError `refused`, with the command that puts the records right
 */
export function refuseContradiction({ history, beside, bookkeeping }: Snapshot, environment: string): void {
  const renamed = rekeyRefusal(history, environment) ?? movedRefusal(history, environment);
  if (renamed) throw renamed;
  const ran = beside?.onlyOther ?? [];
  if (!beside || ran.length === 0) return;
  const { table, by } = beside.other;
  throw new MigrateError(
    'refused',
    `${table} of ${environment} has ${quantity(ran.length, 'migration')} as applied that ${bookkeeping.table} does not have ` +
      `(${some(ran.map(({ tag }) => tag))}): a deploy would run ${ran.length === 1 ? 'it' : 'them'} a second time. Nothing was changed.`,
    {
      next: `migrate-tui recover ${environment} --choose reconcile records what ran; a record of ${table} that is wrong is to be deleted there.${goesOn[by]}`,
    },
  );
}
