import { referencedTables } from '../schema/foreign-keys.ts';
import { foldName } from '../sql/cursor.ts';
import type { Rule } from './rule.ts';

export const rebuildOfReferencedTable: Rule = {
  id: 'rebuild-of-referenced-table',
  title: 'A table is rebuilt that a foreign key points to.',
  why: 'Dropping the old table deletes its rows first. With foreign keys on, ON DELETE CASCADE then empties the tables that point to it, and SET NULL clears their columns, without an error.',
  fix: 'Nothing to do here: this tool runs it with foreign keys off and checks them before the commit. Other tools may not.',
  severity: { file: 'warning', remote: 'warning', d1Local: 'error', d1Remote: 'error' },
  check: ({ rebuilds, number, now }) => {
    const rebuild = rebuilds.find(({ drop }) => drop === number);
    if (!rebuild || !referencedTables(now.foreignKeys).has(foldName(rebuild.table))) return undefined;
    return `${rebuild.table} is rebuilt while other rows point to it; foreign keys are off meanwhile and checked before the commit.`;
  },
  accepts: [
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
    {
      given: [
        'CREATE TABLE t (a INTEGER PRIMARY KEY)',
        'CREATE TABLE c (t REFERENCES t(a) ON DELETE CASCADE)',
      ],
      sql: [
        'CREATE TABLE n (a INTEGER PRIMARY KEY)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};
