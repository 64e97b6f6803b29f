import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import { namesOf } from '../../bookkeeping/drizzle-upgrade.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { sameRecord, sameRecords, type Correction } from '../history/correction.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { rowChangesIn } from '../evidence/row-changes.ts';
import { repeatedRecords } from './duplicate-records.ts';

/** Code of Drizzle 0.x wrote records after the table was brought to 1.0, which knows a migration by its name alone. */
export function namelessRecords(input: RecoveryInput): readonly RecoverableCase[] {
  const { database, bookkeeping, entries } = input;
  const found = namelessIn(input);
  const [first] = found;
  if (!first) return [];
  const { table } = bookkeeping;
  const option: RecoveryOption = {
    id: 'name-records',
    recommended: true,
    allowed: true,
    why: `Gives ${quantity(found.length, 'record')} of ${table} the name that drizzle-orm 1.0 would give it; no migration is run, nothing is removed.`,
  };
  return [
    {
      shown: {
        situation: 'nameless-records',
        database,
        tag: first.migration.tag,
        verdict: `recorded without a name: ${quantity(found.length, 'migration')}`,
        evidence: found.map(
          ({ entry, migration, by }) => `Row ${entry.rowid} is ${migration.tag}, told by its ${by}.`,
        ),
        meaning: meaningOf(found),
        options: [option],
      },
      ways: new Map([
        [option.id, { kind: 'correct', statements: () => namesGiven(found, bookkeeping, entries) }],
      ]),
    },
  ];
}

function namesGiven(
  found: readonly Nameless[],
  bookkeeping: RecoveryInput['bookkeeping'],
  entries: readonly Entry[],
): Correction {
  const named = found.flatMap(({ entry, migration }): Correction => {
    const name = bookkeeping.change(entry, { name: migration.tag, applied_at: null });
    return [sameRecord(bookkeeping, entry), { ...name, role: 'record' }];
  });
  return [...sameRecords(bookkeeping, entries), ...named];
}

interface Nameless {
  readonly entry: Entry;
  readonly migration: Migration;
  readonly by: string;
}

function namelessIn(input: RecoveryInput): readonly Nameless[] {
  const { history, entries, bookkeeping } = input;
  if (bookkeeping.kind !== 'drizzle-1' || bookkeeping.tableShape !== 'drizzle-1') return [];
  const migrations = history.items.flatMap((item) => ('migration' in item ? [item.migration] : []));
  const repeated = new Set(repeatedRecords(input).flatMap(({ extra }) => extra));
  const nameless = entries.filter((entry) => entry.name === undefined && !repeated.has(entry));
  return Array.from(namesOf(nameless, migrations), ([entry, { migration, by }]) => ({
    entry,
    migration,
    by: by === 'created_at' ? 'time' : 'content',
  }));
}

function meaningOf(found: readonly Nameless[]): readonly string[] {
  const twice = found.filter(({ migration }) => rowChangesIn(migration.statements).length > 0);
  return [
    'Code with drizzle-orm 0.x still migrated here after drizzle-orm 1.0 had.',
    'drizzle-orm 1.0 does not see a record without a name, and runs its migration once more the next time.',
    ...(twice.length === 0
      ? []
      : [`That changes rows a second time: ${twice.map(({ migration }) => migration.tag).join(', ')}.`]),
  ];
}
