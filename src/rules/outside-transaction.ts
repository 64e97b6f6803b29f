import { namedOutside } from '../sql/outside-transaction.ts';
import type { Rule } from './rule.ts';

export const outsideTransaction: Rule = {
  id: 'outside-transaction',
  title: 'CREATE INDEX CONCURRENTLY, VACUUM and what else PostgreSQL runs outside of a transaction only.',
  why: 'A migration and its record are one transaction, in which the server refuses it (25001).',
  fix: 'Run it by hand before the deploy. For an index leave CONCURRENTLY out of the migration, and write IF NOT EXISTS in it.',
  severity: { file: 'off', remote: 'off', d1Local: 'off', d1Remote: 'off', postgres: 'error' },
  check: ({ statement }) => {
    const named = namedOutside(statement.sql);
    return named && `${named} cannot run inside a transaction.`;
  },
  accepts: [{ given: ['CREATE TABLE t (a int)'], sql: ['REINDEX TABLE t'] }],
  rejects: [
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE INDEX CONCURRENTLY i ON t (a)'] },
    { sql: ['VACUUM'] },
  ],
};
