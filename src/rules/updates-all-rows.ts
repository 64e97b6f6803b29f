import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const updatesAllRows: Rule = {
  id: 'updates-all-rows',
  title: 'UPDATE without WHERE changes every row.',
  why: 'The old values are gone in every row, and the table is locked for as long as it takes.',
  fix: 'Say which rows, such as WHERE column IS NULL when a new column is filled.',
  severity: everywhere('warning'),
  check: (at) =>
    at.kind.kind === 'update' && at.kind.where === 'all' && mayHoldRows(at, at.kind.table)
      ? `Every row of ${at.kind.table} gets a new ${at.kind.columns.join(' and ')}.`
      : undefined,
  accepts: [{ given: ['CREATE TABLE t (a)'], sql: ['UPDATE t SET a = 1 WHERE a IS NULL'] }],
  rejects: [{ given: ['CREATE TABLE t (a)'], sql: ['UPDATE t SET a = 1'] }],
};
