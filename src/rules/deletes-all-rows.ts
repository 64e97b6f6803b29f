import { keepsIn } from '../sql/keeps.ts';
import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const deletesAllRows: Rule = {
  id: 'deletes-all-rows',
  title: 'DELETE without WHERE empties a table.',
  why: 'A forgotten WHERE looks exactly like this, and cascades reach further than the table.',
  fix: 'Say which rows, or drop the table when all of it is meant.',
  severity: everywhere('error'),
  check: (at) => {
    const { kind, number, statements } = at;
    if (kind.kind !== 'delete' || kind.where !== 'all' || !mayHoldRows(at, kind.table)) return undefined;
    const putBack = keepsIn(statements).some(
      ({ removes, what }) => what === 'rows' && removes.includes(number),
    );
    return putBack ? undefined : `Every row of ${kind.table} is deleted.`;
  },
  accepts: [
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE a = 1'] },
    { sql: ['CREATE TABLE t (a)', 'DELETE FROM t'] },
    {
      given: ['CREATE TABLE t (a)'],
      sql: [
        'CREATE TABLE kept (a)',
        'INSERT INTO kept SELECT a FROM t',
        'DELETE FROM t',
        'INSERT INTO t SELECT a FROM kept',
      ],
    },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t'] },
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE 1'] },
  ],
};
