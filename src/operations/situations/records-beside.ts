import { quantity } from '../../lib/numbers.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption, RecoverySituation } from '../reports.ts';
import { adoptRecords, describeTwoTables, type OtherTable } from '../history/two-tables.ts';

const situations: Record<OtherTable['by'], RecoverySituation> = {
  drizzle: 'recorded-by-drizzle-only',
  numbers: 'recorded-by-number-only',
  wrangler: 'recorded-by-wrangler-only',
};

/** Somebody ran another migrator on a database that wrangler's table, or that of numbered files, speaks for. */
export function recordsBeside(input: RecoveryInput): readonly RecoverableCase[] {
  const { database, beside, bookkeeping, entries } = input;
  const [first] = beside?.onlyOther ?? [];
  if (!beside || !first) return [];
  const { table, by } = beside.other;
  const isEdited = beside.edited.length > 0;
  const option: RecoveryOption = {
    id: 'reconcile',
    recommended: !isEdited,
    allowed: true,
    why: `Records in ${bookkeeping.table} what ${table} has as applied (${quantity(beside.onlyOther.length, 'migration')}); no migration is run, ${table} stays as it is.`,
  };
  return [
    {
      shown: {
        situation: situations[by],
        database,
        tag: first.tag,
        verdict: `recorded ${by === 'drizzle' ? 'by Drizzle' : `in ${table}`} only: ${quantity(beside.onlyOther.length, 'migration')}`,
        evidence: [
          `${describeTwoTables(beside, bookkeeping.table)}.`,
          ...beside.edited.map(({ tag }) => `${tag} was edited after Drizzle applied it`),
        ],
        options: [option],
      },
      ways: new Map([
        [
          option.id,
          {
            kind: 'correct',
            statements: (now) => adoptRecords(beside, { bookkeeping, entries, now }),
          },
        ],
      ]),
    },
  ];
}
