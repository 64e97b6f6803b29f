import { foldName } from '../sql/cursor.ts';
import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const viewOnRebuiltTable: Rule = {
  id: 'view-on-rebuilt-table',
  title: 'A table is rebuilt that a view reads.',
  why: 'SQLite checks every view when a table is renamed, finds the dropped table missing, and refuses: error in view … no such table.',
  fix: 'DROP VIEW before the rebuild and CREATE VIEW after it.',
  severity: onSqlite('error'),
  check: ({ rebuilds, number, now }) => {
    const rebuild = rebuilds.find(({ end, how }) => end === number && how === 'create-copy-drop-rename');
    if (!rebuild) return undefined;
    const views = [...now.views.values()].filter(({ from }) => from.includes(foldName(rebuild.table)));
    if (views.length === 0) return undefined;
    return `The rebuild of ${rebuild.table} fails while the view ${views.map(({ name }) => name).join(', ')} reads it.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a)', 'CREATE VIEW v AS SELECT a FROM t'],
      sql: [
        'DROP VIEW v',
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
        'CREATE VIEW v AS SELECT a FROM t',
      ],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a)', 'CREATE VIEW v AS SELECT a FROM t'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};
