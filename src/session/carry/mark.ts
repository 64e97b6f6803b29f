import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { findMigration } from '../../operations/history/find-migration.ts';
import type { HistoryItem } from '../../operations/history/history.ts';
import { forgetRecords, recordAsApplied } from '../../operations/history/mark.ts';
import { stoppedAt } from '../../operations/diagnosis/stopped-at.ts';
import { correctRecords, onlyDatabase, recordsOf } from './correct-records.ts';
import type { Carried, Ground } from './ground.ts';

type MarkChange = Extract<Change, { kind: 'mark' }>;

/** One record is written or taken away; whether its statements ran is the person's word. */
export async function mark(change: MarkChange, ground: Ground): Promise<Carried> {
  const { environment: name, tag, as } = change;
  const prepared = onlyDatabase(ground, change);
  const { records, history } = await recordsOf(prepared);
  const migration = findMigration(prepared.run.migrations, tag);
  const item = history.items.find((one) => 'migration' in one && one.migration === migration);
  if (!item) throw new Error(`${migration.tag} is no item of its own history.`);
  const recorded = item.kind === 'applied' || item.kind === 'changed' ? item.entry : undefined;
  const isDone = (recorded !== undefined) === (as === 'applied');
  if (isDone) return { message: `Nothing to do: ${migration.tag} is ${as} in ${name} already.` };
  refuseInTheMiddle(item, change);
  const what =
    as === 'applied'
      ? `Records ${migration.tag} in ${records.bookkeeping.table} as applied; none of its statements is run.`
      : `Removes the record of ${migration.tag} from ${records.bookkeeping.table}; what it made in the schema stays, and the next deploy runs it.`;
  const statements = recorded
    ? forgetRecords([recorded], records)
    : recordAsApplied([migration], records, Date.now());
  await correctRecords(ground, change, prepared, {
    what,
    statements,
    told: { writes: recorded ? undefined : '1 record', loses: recorded ? '1 record' : undefined },
    words: changeWords({ ...change, tag: migration.tag }),
  });
  return { message: `${migration.tag} is ${as} in ${name} now; no statement of it was run.` };
}

/** Its own page says what is there and which way is true. */
function refuseInTheMiddle(item: HistoryItem, { environment }: MarkChange): void {
  if (item.kind !== 'half') return;
  throw new MigrateError(
    'refused',
    `${item.migration.tag} ${stoppedAt(item)} in ${environment}: it is neither applied nor pending. Nothing was changed.`,
    { next: `migrate-tui recover ${environment} says what is there and offers the ways out.` },
  );
}
