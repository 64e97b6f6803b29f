import { referringTo } from '../../schema/referring.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { keepsIn } from '../../sql/keeps.ts';
import { foreignKeysIn } from './facts.ts';
import type { HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import { capital, rowCount } from './words.ts';

type Statements = readonly { readonly sql: string }[];

/**
 * Where foreign keys cannot be switched off: why a DROP among the statements would reach into the rows of other
 * tables. A migration that is written to keep them is left to its rehearsal.
 */
export function reachedRows(
  { migration, points }: HalfRun,
  statements: Statements,
  { facts, foreignKeys, environment }: Pick<WaysInput, 'facts' | 'foreignKeys' | 'environment'>,
): string | undefined {
  if (foreignKeys === 'switchable' || keepsIn(migration.statements).length > 0) return undefined;
  const keys = points.flatMap(foreignKeysIn);
  const putsOff = postpones(statements);
  for (const { sql } of statements) {
    const kind = classify(sql);
    if (kind.kind !== 'drop-table') continue;
    for (const { table, fate } of referringTo(kind.table, keys)) {
      // One answer counts all tables: a table that is not in it is not there, none at all is no answer.
      if (facts.rows.size === 0) return `the rows that refer to ${kind.table} could not be counted`;
      const rows = facts.rows.get(foldName(table)) ?? 0;
      if (rows === 0 || (fate === 'in-the-way' && putsOff)) continue;
      const reached = capital(fates[fate](table, rows));
      return `${reached}, as D1 keeps foreign keys on while ${kind.table} is dropped. So that they stay: migrate-tui migration ${migration.tag} --keep-children ${environment} --write`;
    }
  }
  return undefined;
}

/** Rows that refer to nothing for a while are then looked at when all of it is done. */
function postpones(statements: Statements): boolean {
  return statements.some(({ sql }) => {
    const kind = classify(sql);
    return kind.kind === 'pragma' && kind.name === 'defer_foreign_keys';
  });
}

const fates = {
  deleted: (table: string, rows: number) => `it would delete ${rowCount(rows)} of ${table}`,
  cleared: (table: string, rows: number) => `it would clear what ${rowCount(rows)} of ${table} refer to`,
  'in-the-way': (table: string, rows: number) => `${rowCount(rows)} of ${table} are in its way`,
} as const;
