import { namedAlone } from '../sql/postgres/stepwise.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const stepwise: Rule = {
  id: 'stepwise',
  title: 'A statement runs by itself, so that its migration is not one transaction.',
  why: 'PostgreSQL refuses CONCURRENTLY inside a transaction. What fails there leaves what came before, and often an index that is not valid: the migration is then half-finished, and recover offers the ways out. drizzle-orm runs all pending ones in one transaction, and fails at such a statement.',
  fix: 'Give it a migration of its own: then nothing else is half-finished with it.',
  severity: onPostgres('info'),
  check: ({ statement, number }) => {
    const named = namedAlone(statement.sql);
    if (named === undefined) return undefined;
    const before =
      number === 1 ? '' : ` after ${number === 2 ? 'statement 1' : `statements 1 to ${number - 1}`}`;
    return `${named} runs by itself, outside of a transaction; a failure leaves the migration half-finished${before}.`;
  },
  accepts: [
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE INDEX i ON t (a)'] },
    { given: ['CREATE TABLE t (a int)', 'CREATE INDEX i ON t (a)'], sql: ['REINDEX TABLE t'] },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a int)'], sql: ['CREATE INDEX CONCURRENTLY i ON t (a)'] },
    {
      given: ['CREATE TABLE t (a int)', 'CREATE INDEX i ON t (a)'],
      sql: ['ALTER TABLE t ADD b int', 'DROP INDEX CONCURRENTLY i'],
    },
  ],
};
