import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';
import { eraseRecords, sameRecords } from '../history/correction.ts';
import { pairUp } from '../history/pair-up.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { rowChangesIn } from '../evidence/row-changes.ts';

/** A migration with more than one record: two migrators ran at the same moment, or one of them did not see the record. */
export function duplicateRecords(input: RecoveryInput): readonly RecoverableCase[] {
  const { database, bookkeeping, entries } = input;
  const repeated = repeatedRecords(input);
  const [first] = repeated;
  if (!first) return [];
  const option = removing(repeated, bookkeeping.table);
  const extra = repeated.flatMap((each) => each.extra);
  return [
    {
      shown: {
        situation: 'duplicate-records',
        database,
        tag: first.migration.tag,
        verdict: `recorded more than once: ${quantity(repeated.length, 'migration')}`,
        evidence: repeated.map(
          ({ migration, kept, extra: more }) =>
            `${migration.tag} has ${more.length + 1} records: row ${kept.rowid} stays, ${more.length === 1 ? 'row' : 'rows'} ${more.map(({ rowid }) => rowid).join(', ')} would go.`,
        ),
        meaning: meaningOf(repeated),
        options: [option],
      },
      ways: new Map([
        [
          option.id,
          {
            kind: 'correct',
            statements: () => [...sameRecords(bookkeeping, entries), ...eraseRecords(extra, bookkeeping)],
          },
        ],
      ]),
    },
  ];
}

/** The record that a migration keeps, and the others. */
export interface Repeated {
  readonly migration: Migration;
  readonly kept: Entry;
  readonly extra: readonly Entry[];
}

export function repeatedRecords({
  history,
  entries,
  bookkeeping,
}: Pick<RecoveryInput, 'history' | 'entries' | 'bookkeeping'>): readonly Repeated[] {
  const migrations = history.items.flatMap((item) => ('migration' in item ? [item.migration] : []));
  const { entryOf, duplicates } = pairUp(migrations, entries, bookkeeping);
  return Array.from(
    Map.groupBy(duplicates, ({ migration }) => migration),
    ([migration, more]) => {
      const own = entryOf.get(migration);
      const all = [...(own ? [own] : []), ...more.map(({ entry }) => entry)];
      const [kept, ...extra] = all.toSorted(
        (a, b) => worth(b, migration) - worth(a, migration) || Number(a.rowid) - Number(b.rowid),
      );
      return kept ? [{ migration, kept, extra }] : [];
    },
  ).flat();
}

/** The oldest stays, but one that the original tool would not know the migration by goes before one that it would. */
function worth({ hash, name }: Entry, migration: Migration): number {
  return (name === undefined ? 0 : 2) + (hash === migration.hash ? 1 : 0);
}

function removing(repeated: readonly Repeated[], table: string): RecoveryOption {
  const extra = repeated.reduce((sum, each) => sum + each.extra.length, 0);
  const changes = changing(repeated);
  return {
    id: 'remove-duplicates',
    recommended: changes.length === 0,
    allowed: true,
    why: [
      `Removes ${quantity(extra, 'record')} of ${table} and keeps one for each migration; no migration is run.`,
      ...(changes.length === 0 ? [] : ['Look at the rows first: it takes away the trace of the second run.']),
    ].join(' '),
  };
}

function meaningOf(repeated: readonly Repeated[]): readonly string[] {
  const changes = changing(repeated);
  return [
    'Either two migrators ran it at the same moment, or a record was added by hand.',
    ...(changes.length === 0
      ? ['It changes no rows, so that a second run left nothing behind.']
      : [`If it ran twice, so did the statements that change rows: ${changes.join('; ')}.`]),
  ];
}

function changing(repeated: readonly Repeated[]): readonly string[] {
  return repeated.flatMap(({ migration: { tag, statements } }) => {
    const numbers = rowChangesIn(statements);
    if (numbers.length === 0) return [];
    return [`${tag}, ${numbers.length === 1 ? 'statement' : 'statements'} ${some(numbers.map(String), 8)}`];
  });
}
