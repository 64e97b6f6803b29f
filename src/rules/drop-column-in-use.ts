import { foldName } from '../sql/cursor.ts';
import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const dropColumnInUse: Rule = {
  id: 'drop-column-in-use',
  title: 'DROP COLUMN of a column that an index or a key needs.',
  why: 'SQLite drops no column that an index, a key, a UNIQUE constraint or a generated column names: error in index … after drop column.',
  fix: 'DROP INDEX first; where a constraint or a generated column holds it, rebuild the table without the column.',
  severity: onSqlite('error'),
  check: ({ kind, now }) => {
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'drop-column') return undefined;
    const [table, column] = [foldName(kind.table), foldName(kind.action.column)];
    const indexes = [...now.indexes.values()].filter(
      (index) => index.table === table && index.mentions.has(column),
    );
    const held = now.tables.get(table)?.held.get(column);
    const by = [...indexes.map(({ name }) => `the index ${name}`), ...(held === undefined ? [] : [held])];
    return by.length === 0
      ? undefined
      : `${kind.table}.${kind.action.column} cannot be dropped while ${by.join(' and ')} names it.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (a)'],
      sql: ['ALTER TABLE t DROP COLUMN b'],
    },
    {
      given: ['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (b)'],
      sql: ['DROP INDEX i', 'ALTER TABLE t DROP COLUMN b'],
    },
    {
      given: ['CREATE TABLE p (a PRIMARY KEY)', 'CREATE TABLE t (a, b REFERENCES p(a), c CHECK (c > 1))'],
      sql: ['ALTER TABLE t DROP COLUMN b', 'ALTER TABLE t DROP COLUMN c'],
    },
    {
      given: ['CREATE TABLE t (a, b, c AS (b + 1))'],
      sql: ['ALTER TABLE t DROP COLUMN c', 'ALTER TABLE t DROP COLUMN b'],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (b)'],
      sql: ['ALTER TABLE t DROP COLUMN b'],
    },
    {
      given: ['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (a) WHERE "b" IS NOT NULL'],
      sql: ['ALTER TABLE t DROP COLUMN b'],
    },
    { given: ['CREATE TABLE t (a, b UNIQUE)'], sql: ['ALTER TABLE t DROP COLUMN b'] },
    { given: ['CREATE TABLE t (a, b, c AS (b + 1))'], sql: ['ALTER TABLE t DROP COLUMN b'] },
    {
      given: ['CREATE TABLE t (a, old)', 'CREATE INDEX i ON t (old)', 'ALTER TABLE t RENAME COLUMN old TO b'],
      sql: ['ALTER TABLE t DROP COLUMN b'],
    },
  ],
};
