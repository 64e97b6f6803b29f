import { quantity } from '../../lib/numbers.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import { renameRecords } from '../history/rekey.ts';
import type { RecoveryOption } from '../reports.ts';

/** The records have the names that the files had before `drizzle-kit up` moved them. */
export function renamedRecords({ database, history, entries }: RecoveryInput): readonly RecoverableCase[] {
  const { renames } = history;
  const [first] = renames?.pairs ?? [];
  if (!renames || !first) return [];
  const { table, pairs, unmatchedRecords } = renames;
  const option: RecoveryOption = {
    id: 're-key',
    recommended: true,
    allowed: true,
    why: `Gives ${quantity(pairs.length, 'record')} of ${table} the names that the files have now; no migration is run, nothing is removed.`,
  };
  return [
    {
      shown: {
        situation: 'renamed-records',
        database,
        tag: first.migration.tag,
        verdict: `recorded under other names: ${quantity(pairs.length, 'migration')}`,
        evidence: [
          ...pairs.map(({ from, to }) => `${from} is ${to} now`),
          ...unmatchedRecords.map(({ name }) => `${name ?? ''} has no file that it can be told to be`),
        ],
        options: [option],
      },
      ways: new Map([[option.id, { kind: 'correct', statements: () => renameRecords(renames, entries) }]]),
    },
  ];
}
