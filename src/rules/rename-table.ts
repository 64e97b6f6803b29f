import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const renameTable: Rule = {
  id: 'rename-table',
  title: 'A table is renamed.',
  why: 'Code that is running while this is deployed asks for the old name, and fails.',
  fix: 'Keep the old name as a view for one release.',
  severity: everywhere('warning'),
  check: (at) => {
    const { kind, rebuilds, number } = at;
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'rename-table') return undefined;
    const { to } = kind.action;
    const partOfRebuild = rebuilds.some(({ end, via }) => end === number || via === to);
    return partOfRebuild || !mayHoldRows(at, kind.table)
      ? undefined
      : `The table ${kind.table} is renamed to ${to}.`;
  },
  accepts: [
    { sql: ['CREATE TABLE t (a)', 'ALTER TABLE t RENAME TO u'] },
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
  rejects: [{ given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t RENAME TO u'] }],
};
