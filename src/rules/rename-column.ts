import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const renameColumn: Rule = {
  id: 'rename-column',
  title: 'A column is renamed.',
  why: 'Code that is running while this is deployed asks for the old name, and fails.',
  fix: 'Add the new column, write both for one release, then drop the old one.',
  severity: everywhere('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'rename-column' || !mayHoldRows(at, kind.table))
      return undefined;
    return `The column ${kind.table}.${kind.action.column} is renamed to ${kind.action.to}.`;
  },
  accepts: [{ sql: ['CREATE TABLE t (a)', 'ALTER TABLE t RENAME COLUMN a TO b'] }],
  rejects: [{ given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t RENAME COLUMN a TO b'] }],
};
