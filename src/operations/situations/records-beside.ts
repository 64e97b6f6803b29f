import { quantity } from '../../lib/numbers.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { adoptDrizzleRecords, describeTwoTables } from '../two-tables.ts';

/** Somebody ran Drizzle's own migrator on a database that wrangler's table speaks for. */
export function recordsBeside(input: RecoveryInput): readonly RecoverableCase[] {
  const { database, beside, bookkeeping, entries, drizzleTable } = input;
  const [first] = beside?.onlyDrizzle ?? [];
  if (!beside || !first) return [];
  const isEdited = beside.edited.length > 0;
  const option: RecoveryOption = {
    id: 'reconcile',
    recommended: !isEdited,
    allowed: true,
    why: `Records in ${bookkeeping.table} what ${drizzleTable} has as applied (${quantity(beside.onlyDrizzle.length, 'migration')}); no migration is run, ${drizzleTable} stays as it is.`,
  };
  return [
    {
      shown: {
        situation: 'recorded-by-drizzle-only',
        database,
        tag: first.tag,
        verdict: `recorded by Drizzle only: ${quantity(beside.onlyDrizzle.length, 'migration')}`,
        evidence: [
          `${describeTwoTables(beside, { d1: bookkeeping.table, drizzle: drizzleTable })}.`,
          ...beside.edited.map(({ tag }) => `${tag} was edited after Drizzle applied it`),
        ],
        options: [option],
      },
      ways: new Map([
        [
          option.id,
          {
            kind: 'correct',
            statements: (now) => adoptDrizzleRecords(beside, { bookkeeping, entries, now }),
          },
        ],
      ]),
    },
  ];
}
