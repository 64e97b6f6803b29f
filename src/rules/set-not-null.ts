import { onLargeTable } from './large-table.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const setNotNull: Rule = {
  id: 'set-not-null',
  title: 'SET NOT NULL looks at every row.',
  why: 'Nobody can read or write the table meanwhile, and one NULL makes the migration fail.',
  fix: 'On a large table ADD CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in the next migration, and SET NOT NULL in the one after, which then looks at no row.',
  severity: onPostgres('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'set-not-null') return undefined;
    const message = `SET NOT NULL of ${kind.table}.${kind.action.column} looks at every row, while nobody can read or write the table.`;
    return onLargeTable(at, kind.table, message);
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ALTER COLUMN a SET NOT NULL'],
      rows: { t: 50 },
    },
    { sql: ['CREATE TABLE t (a int)', 'ALTER TABLE t ALTER COLUMN a SET NOT NULL'] },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ALTER COLUMN a SET NOT NULL'],
      rows: { t: 5_000_000 },
    },
  ],
};
