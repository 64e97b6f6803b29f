import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';

export const deletesAllRows: Rule = {
  id: 'deletes-all-rows',
  title: 'DELETE without WHERE empties a table.',
  why: 'A forgotten WHERE looks exactly like this, and cascades reach further than the table.',
  fix: 'Say which rows, or drop the table when all of it is meant.',
  severity: { file: 'error', remote: 'error', d1Local: 'error', d1Remote: 'error' },
  check: (at) =>
    at.kind.kind === 'delete' && at.kind.where === 'all' && mayHoldRows(at, at.kind.table)
      ? `Every row of ${at.kind.table} is deleted.`
      : undefined,
  accepts: [
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE a = 1'] },
    { sql: ['CREATE TABLE t (a)', 'DELETE FROM t'] },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t'] },
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE 1'] },
  ],
};
