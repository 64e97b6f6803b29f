import { MigrateError } from '../lib/errors.ts';
import { count } from '../lib/numbers.ts';
import type { Migration } from '../migrations/migration.ts';
import { quoteName } from '../sql/quote.ts';
import type { Statement } from '../sql/statement.ts';
import type { Entry } from './bookkeeping.ts';

/**
 * What drizzle-orm 1.0 does to a tracking table of the 0.x shape on its first migrate:
 * two columns, and the name of each migration where its row can be told.
 * Refused, as there, while a row fits no migration: its name would stay unknown.
 */
export function drizzleUpgrade({ table, entries, migrations }: UpgradeInput): readonly Statement[] {
  const matches = allNamesOf({ table, entries, migrations });
  const name = quoteName(table);
  return [
    { sql: `ALTER TABLE ${name} ADD COLUMN "name" text` },
    { sql: `ALTER TABLE ${name} ADD COLUMN "applied_at" TEXT` },
    ...[...matches].map(([entry, match]) => backfill(name, entry, match)),
  ];
}

export interface UpgradeInput {
  /** Its name, for people where it is quoted elsewhere. */
  readonly table: string;
  readonly entries: readonly Entry[];
  readonly migrations: readonly Migration[];
}

/**
 * The migration of every row.
 *
 * @throws MigrateError `migrations` while a row fits none
 */
export function allNamesOf({ table, entries, migrations }: UpgradeInput): ReadonlyMap<Entry, NameMatch> {
  const matches = namesOf(entries, migrations);
  const unmatched = entries.filter((entry) => !matches.has(entry));
  if (unmatched.length > 0) throw notUpgradable(table, unmatched);
  return matches;
}

/**
 * Which migration a row without a name stands for, by the rule of drizzle-orm 1.0:
 * the time without its milliseconds, among several of that second the hash, else the hash alone.
 */
export function namesOf(
  entries: readonly Entry[],
  migrations: readonly Migration[],
): ReadonlyMap<Entry, NameMatch> {
  const byTime = Map.groupBy(migrations, ({ when }) => when);
  // The last one of a hash wins, as there.
  const byHash = new Map(migrations.toSorted(byTimeThenName).map((migration) => [migration.hash, migration]));
  const matches = new Map<Entry, NameMatch>();
  for (const entry of entries) {
    const sameSecond = byTime.get(wholeSeconds(entry.createdAt)) ?? [];
    const [only] = sameSecond;
    if (only && sameSecond.length === 1) {
      matches.set(entry, { migration: only, by: 'created_at' });
      continue;
    }
    const migration =
      sameSecond.length > 1 ? sameSecond.find(({ hash }) => hash === entry.hash) : byHash.get(entry.hash);
    if (migration) matches.set(entry, { migration, by: 'hash' });
  }
  return matches;
}

export interface NameMatch {
  readonly migration: Migration;
  /** The column that told. */
  readonly by: 'created_at' | 'hash';
}

function byTimeThenName(a: Migration, b: Migration): number {
  return a.when - b.when || a.tag.localeCompare(b.tag);
}

// As text, because that is how it is done there: the last three digits become zeros.
function wholeSeconds(createdAt: number): number {
  return Number(`${String(createdAt).slice(0, -3)}000`);
}

function backfill(name: string, entry: Entry, { migration, by }: NameMatch): Statement {
  const set = `UPDATE ${name} SET "name" = ?, "applied_at" = NULL WHERE`;
  if (entry.id !== undefined && entry.id !== 0) {
    return { sql: `${set} "id" = ?`, args: [migration.tag, entry.id] };
  }
  return by === 'created_at'
    ? { sql: `${set} "created_at" = ?`, args: [migration.tag, String(entry.createdAt)] }
    : { sql: `${set} "hash" = ?`, args: [migration.tag, entry.hash] };
}

function notUpgradable(table: string, unmatched: readonly Entry[]): MigrateError {
  const shown = unmatched.slice(0, 5).map(({ hash, createdAt }) => hash.slice(0, 8) || String(createdAt));
  const more = unmatched.length > shown.length ? ` and ${count(unmatched.length - shown.length)} more` : '';
  return new MigrateError(
    'migrations',
    `Table ${table} cannot be brought to the shape of Drizzle 1.0: ` +
      `${count(unmatched.length)} of its rows fit no migration in the folder (${shown.join(', ')}${more})`,
    {
      next: 'Bring back the files of those migrations, or remove their rows once they are known to be stale.',
    },
  );
}
