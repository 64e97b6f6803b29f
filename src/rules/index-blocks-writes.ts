import { onLargeTable } from './large-table.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const indexBlocksWrites: Rule = {
  id: 'index-blocks-writes',
  title: 'An index is made without CONCURRENTLY on a table with rows.',
  why: 'Nobody can write to the table until the index is built, and who waits for the table keeps others waiting.',
  fix: 'On a large table write CREATE INDEX CONCURRENTLY, in a migration of its own.',
  severity: onPostgres('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'create-index' || kind.concurrently) return undefined;
    const message = `${kind.table} takes no writes while its index is built`;
    if (!kind.ifNotExists) return onLargeTable(at, kind.table, `${message}.`);
    const remark = onLargeTable(at, kind.table, `${message}, unless the index is there already.`);
    return remark && { ...remark, severity: 'info' };
  },
  accepts: [
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE INDEX i ON t (a)'], rows: { t: 200 } },
    { sql: ['CREATE TABLE t (a int)', 'CREATE INDEX i ON t (a)'] },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE INDEX i ON t (a)'], rows: { t: 5_000_000 } },
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE UNIQUE INDEX ON t (a)'] },
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['CREATE INDEX IF NOT EXISTS i ON t (a)'],
      rows: { t: 5_000_000 },
    },
  ],
};
