import { foldName } from '../sql/cursor.ts';
import { copyOf } from '../sql/insertion.ts';
import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const columnNameAsText: Rule = {
  id: 'column-name-as-text',
  title: 'A rebuild copies a column that the old table does not have.',
  why: 'drizzle-kit 0.31 writes this when a rebuild adds a column. libSQL refuses it; D1 takes the quoted name for a text and stores it in every row.',
  fix: 'Take the new column out of both lists of the INSERT, or give its value instead.',
  severity: onSqlite('error'),
  check: ({ kind, statement, now }) => {
    const [source] = kind.kind === 'insert' && kind.from?.length === 1 ? kind.from : [];
    const columns = source === undefined ? undefined : now.tables.get(foldName(source))?.columns;
    if (!columns) return undefined;
    const items = copyOf(statement.sql)?.items ?? [];
    const absent = items.flatMap((item) =>
      item.kind === 'column' &&
      item.quoted &&
      !columns.has(foldName(item.name)) &&
      !rowids.has(foldName(item.name))
        ? [item.name]
        : [],
    );
    return absent.length === 0 ? undefined : `${source} has no column ${absent.join(', ')}.`;
  },
  accepts: [
    { given: ['CREATE TABLE t (a)'], sql: ['CREATE TABLE n (a, b)', 'INSERT INTO n (a) SELECT "a" FROM t'] },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a)'],
      sql: ['CREATE TABLE n (a, b)', 'INSERT INTO n (a, b) SELECT "a", "b" FROM t'],
    },
  ],
};

const rowids = new Set(['rowid', 'oid', '_rowid_']);
