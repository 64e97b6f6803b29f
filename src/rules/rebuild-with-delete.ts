import { referencedTables } from '../schema/foreign-keys.ts';
import { foldName } from '../sql/cursor.ts';
import { keepsIn } from '../sql/keeps.ts';
import type { Rule } from './rule.ts';

export const rebuildWithDelete: Rule = {
  id: 'rebuild-with-delete',
  title: 'A rebuild of a referenced table stands in one migration with a DELETE on a referenced table.',
  why: 'The rebuild needs foreign keys off, the DELETE needs them on to cascade. One transaction has only one of the two.',
  fix: 'Split it: the DELETE in one migration, the rebuild in the next.',
  severity: { file: 'error', remote: 'error', d1Local: 'off', d1Remote: 'off', postgres: 'off' },
  check: ({ kind, rebuilds, begin, statements, number }) => {
    if (kind.kind !== 'delete') return undefined;
    // Rows that are put back are to be as they were: nothing is meant to cascade.
    if (keepsIn(statements).some(({ removes }) => removes.includes(number))) return undefined;
    const referenced = referencedTables(begin.foreignKeys);
    const rebuild = rebuilds.find(({ table }) => referenced.has(foldName(table)));
    if (!rebuild || !referenced.has(foldName(kind.table))) return undefined;
    return `Rows of ${kind.table} are deleted with foreign keys off, because ${rebuild.table} is rebuilt in the same migration: nothing cascades.`;
  },
  accepts: [
    {
      given: [
        'CREATE TABLE t (a INTEGER PRIMARY KEY)',
        'CREATE TABLE c (t REFERENCES t(a) ON DELETE CASCADE)',
      ],
      sql: ['DELETE FROM t WHERE a = 1'],
    },
    {
      given: [
        'CREATE TABLE t (a INTEGER PRIMARY KEY)',
        'CREATE TABLE c (t REFERENCES t(a), r REFERENCES c(t))',
      ],
      sql: [
        'CREATE TABLE n (a INTEGER PRIMARY KEY)',
        'INSERT INTO n SELECT a FROM t',
        'CREATE TABLE kept (t, r)',
        'INSERT INTO kept SELECT t, r FROM c',
        'DELETE FROM c',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
        'INSERT INTO c SELECT t, r FROM kept',
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
        'DELETE FROM t WHERE a = 1',
        'CREATE TABLE n (a INTEGER PRIMARY KEY)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};
