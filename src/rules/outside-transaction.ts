import { namedOutside } from '../sql/postgres/outside-transaction.ts';
import { namedAlone } from '../sql/postgres/stepwise.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const outsideTransaction: Rule = {
  id: 'outside-transaction',
  title: 'VACUUM, CREATE DATABASE and what else PostgreSQL runs outside of a transaction only.',
  why: 'It is refused inside a transaction (25001). Run by themselves are only statements that change the schema of this database: CREATE INDEX, DROP INDEX and REINDEX CONCURRENTLY.',
  fix: 'Run it by hand, past the migrations.',
  severity: onPostgres('error'),
  check: ({ statement }) => {
    const named = namedOutside(statement.sql);
    if (named === undefined || namedAlone(statement.sql) !== undefined) return undefined;
    return `${named} cannot run inside a transaction.`;
  },
  accepts: [
    { given: ['CREATE TABLE t (a int)'], sql: ['REINDEX TABLE t'] },
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE INDEX CONCURRENTLY i ON t (a)'] },
  ],
  rejects: [{ sql: ['VACUUM'] }, { sql: ['REINDEX SCHEMA public'] }],
};
