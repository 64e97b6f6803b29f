import { foldName } from '../sql/cursor.ts';
import { onLargeTable } from './large-table.ts';
import type { Rule } from './rule.ts';
import { keepsRows } from './stored-types.ts';
import { onPostgres } from './severities.ts';

export const typeChange: Rule = {
  id: 'type-change',
  title: 'A column gets another type, and every row is written anew.',
  why: 'Nobody can read or write the table meanwhile, and code that is running may expect the old type.',
  fix: 'On a large table add a column of the new type, write both for one release, fill it in portions, and drop the old one.',
  severity: onPostgres('warning'),
  check: (at) => {
    const { kind, now, statement } = at;
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'set-type') return undefined;
    const { column, type, using } = kind.action;
    const before = now.tables.get(foldName(kind.table))?.types.get(foldName(column));
    if (before !== undefined && keepsRows(before, type) && (!using || isPlainCast(statement.sql)))
      return undefined;
    const writes = before === undefined ? 'may write' : 'writes';
    const message = `The new type ${type} of ${kind.table}.${column} ${writes} every row anew, while nobody can read or write the table.`;
    return onLargeTable(at, kind.table, message);
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a varchar(100))'],
      sql: [
        'ALTER TABLE t ALTER COLUMN a SET DATA TYPE varchar(200)',
        'ALTER TABLE t ALTER COLUMN a TYPE text',
      ],
    },
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t ALTER COLUMN a TYPE bigint'], rows: { t: 50 } },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ALTER COLUMN a TYPE bigint'],
      rows: { t: 5_000_000 },
    },
    {
      given: ['CREATE TABLE t (a text)'],
      sql: ['ALTER TABLE t ALTER COLUMN a SET DATA TYPE varchar(100) USING a::varchar(100)'],
    },
  ],
};

/** `USING "a"::text`, as drizzle-kit writes it, converts no further than the type does. */
function isPlainCast(sql: string): boolean {
  return /\busing\s+(?:"[^"]+"|\w+)\s*(?:::|$)/i.test(sql);
}
