import { referringTo } from '../../schema/referring.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { keepsIn } from '../../sql/keeps.ts';
import { foreignKeysIn, type Facts } from './facts.ts';
import type { HalfRun } from './half-run.ts';
import { capital, rowCount } from './words.ts';

/**
 * Where foreign keys cannot be switched off: why a DROP among the statements would reach into the rows of other
 * tables. A migration that is written to keep them is left to its rehearsal.
 */
export function reachedRows(
  { migration, points }: HalfRun,
  statements: readonly { readonly sql: string }[],
  { facts, foreignKeys }: { readonly facts: Facts; readonly foreignKeys: 'switchable' | 'always-on' },
): string | undefined {
  if (foreignKeys === 'switchable' || keepsIn(migration.statements).length > 0) return undefined;
  const keys = points.flatMap(foreignKeysIn);
  for (const { sql } of statements) {
    const kind = classify(sql);
    if (kind.kind !== 'drop-table') continue;
    for (const { table, fate } of referringTo(kind.table, keys)) {
      const rows = facts.rows.get(foldName(table)) ?? 0;
      if (rows > 0)
        return `${capital(fates[fate](table, rows))}: D1 keeps foreign keys on while ${kind.table} is dropped`;
    }
  }
  return undefined;
}

const fates = {
  deleted: (table: string, rows: number) => `it would delete ${rowCount(rows)} of ${table}`,
  cleared: (table: string, rows: number) => `it would clear what ${rowCount(rows)} of ${table} refer to`,
  'in-the-way': (table: string, rows: number) => `${rowCount(rows)} of ${table} are in its way`,
} as const;
