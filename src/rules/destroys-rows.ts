import { isRebuildDrop, mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const destroysRows: Rule = {
  id: 'destroys-rows',
  title: 'Rows are deleted, or a table is dropped with its rows.',
  why: 'What is deleted comes back only from a backup, without what was written since.',
  fix: 'Keep the rows under another name for one release (ALTER TABLE … RENAME TO …_old), then delete them.',
  fixOfRollback:
    'Where the rows are still needed, have the rollback file keep them under another name, or read them from a backup.',
  severity: everywhere('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind === 'delete' && kind.where === 'some' && mayHoldRows(at, kind.table)) {
      return `Rows of ${kind.table} are deleted.`;
    }
    if (kind.kind !== 'drop-table' || isRebuildDrop(at) || !mayHoldRows(at, kind.table)) return undefined;
    return `The table ${kind.table} is dropped with its rows.`;
  },
  accepts: [
    { sql: ['CREATE TABLE t (a)', 'DROP TABLE t'] },
    {
      given: ['CREATE TABLE t (a)'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE a IS NULL'] },
    { given: ['CREATE TABLE t (a)'], sql: ['DROP TABLE t'] },
  ],
};
