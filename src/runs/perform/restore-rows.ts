import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { Engine } from '../../engines/engine.ts';
import { quantity } from '../../lib/numbers.ts';
import type { CopiedDatabase } from '../backups/manifest.ts';
import type { RunContext, RunDatabase, StepResult } from '../context.ts';
import type { HeldLock } from '../lock/lock.ts';
import { noted } from '../unit/noted.ts';
import { openBackup } from '../backups/open-backup.ts';
import { putRowsBack } from '../postgres/copy.ts';

/** Puts the rows of some tables back into a PostgreSQL database as a backup has them, in one transaction. */
export async function restoreRows(
  {
    of,
    copied,
    backup,
    tables,
    engine,
    lock,
  }: {
    readonly of: RunDatabase;
    readonly copied: CopiedDatabase;
    readonly backup: string;
    readonly tables: readonly string[];
    readonly engine: Engine;
    readonly lock: HeldLock;
  },
  context: RunContext,
): Promise<StepResult> {
  const lease = leaseTexts(engine.query.dialect);
  await using kept = await openBackup(context, { id: backup, file: copied }, context);
  await noted(context, { database: of.database.name, what: `the restore of ${backup}` }, () =>
    putRowsBack({ address: of.target.address, engine }, kept.path, {
      tables,
      fence: lock.fence(null),
      prepare: [lease.keepCounts("'{}'")],
      landed: lease.countsAreKept(lock),
      signal: context.signal,
      onRemark: (message) => context.events.emit({ kind: 'notice', level: 'warning', message }),
    }),
  );
  context.progress.restored = backup;
  const counted = copied.tables.filter(({ table }) => tables.includes(table));
  const rows = counted.reduce((sum, table) => sum + table.rows, 0);
  return {
    says: `${tables.join(', ')} as ${backup} has ${tables.length === 1 ? 'it' : 'them'}: ${quantity(tables.length, 'table')}, ${quantity(rows, 'row')}, counted before the commit`,
  };
}
