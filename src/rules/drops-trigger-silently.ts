import { foldName } from '../sql/cursor.ts';
import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const dropsTriggerSilently: Rule = {
  id: 'drops-trigger-silently',
  title: 'A rebuild loses the triggers of its table.',
  why: 'Dropping the old table drops its triggers, and nothing in a rebuild makes them again.',
  fix: 'Add the CREATE TRIGGER statements after the rebuild.',
  severity: onSqlite('warning'),
  check: ({ rebuilds, number, now, kinds }) => {
    const rebuild = rebuilds.find(({ drop }) => drop === number);
    if (!rebuild) return undefined;
    const made = new Set(
      kinds.flatMap((kind, at) =>
        kind.kind === 'create-trigger' && at >= number ? [foldName(kind.trigger)] : [],
      ),
    );
    const lost = [...now.triggers].filter(
      ([key, { table }]) => table === foldName(rebuild.table) && !made.has(key),
    );
    if (lost.length === 0) return undefined;
    return `The rebuild of ${rebuild.table} drops ${lost.map(([, { name }]) => name).join(', ')} and does not make it again.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a)', 'CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
        'CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END',
      ],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a)', 'CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};
