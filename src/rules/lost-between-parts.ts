import { lostBetweenParts } from '../sql/postgres/lost-between-parts.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const lostBetweenPartsRule: Rule = {
  id: 'lost-between-parts',
  title: 'What a statement sets is not there for the rest of its migration, which runs in parts.',
  why: 'A migration with CONCURRENTLY, or with an enum value that it adds and uses, is committed in parts, and each begins as new: with another search_path the same statement is about another table. It is not run.',
  fix: 'Name tables with their schema, or give the statement that runs by itself a migration of its own.',
  severity: onPostgres('error'),
  check: ({ statements, number }) => {
    const lost = lostBetweenParts(statements);
    if (lost?.statement !== number) return undefined;
    return `Statement ${lost.before}, which begins another part of the migration, does not meet ${lost.what}.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ["SET lock_timeout = '5s'", 'ALTER TABLE t ADD b int', 'CREATE INDEX CONCURRENTLY i ON t (a)'],
    },
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['SET search_path TO public', 'RESET search_path', 'CREATE INDEX CONCURRENTLY i ON t (a)'],
    },
    { given: ['CREATE TABLE t (a int)'], sql: ['SET search_path TO public', 'CREATE INDEX i ON t (a)'] },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['SET search_path TO public', 'CREATE INDEX CONCURRENTLY i ON t (a)'],
    },
  ],
};
