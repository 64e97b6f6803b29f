import { foldName, sameName } from '../sql/cursor.ts';
import type { Rebuild } from '../sql/rebuilds.ts';
import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const dropsIndexSilently: Rule = {
  id: 'drops-index-silently',
  title: 'A rebuild loses the indexes of its table.',
  why: 'Dropping the old table drops its indexes, and nothing in a rebuild makes them again. Queries get slow, and without a unique index rows come in twice. In a rebuild of drizzle-kit it is a note: that makes every index again that the schema code has.',
  fix: 'Add the CREATE INDEX statements after the rebuild; or DROP INDEX before it, where the index is meant to go.',
  severity: onSqlite('warning'),
  check: ({ rebuilds, number, now, kinds, kind }) => {
    const rebuild = rebuilds.find(({ drop }) => drop === number);
    if (!rebuild || kind.kind !== 'drop-table') return undefined;
    const made = new Set(
      kinds.flatMap((each, at) =>
        each.kind === 'create-index' && at >= number ? [foldName(each.index)] : [],
      ),
    );
    const lost = [...now.indexes].filter(
      ([key, { table }]) => table === foldName(kind.table) && !made.has(key),
    );
    if (lost.length === 0) return undefined;
    const said = lost.map(([, { name, unique }]) => (unique ? `the unique index ${name}` : name));
    const message = `The rebuild of ${rebuild.table} drops ${said.join(', ')} and does not make ${lost.length === 1 ? 'it' : 'them'} again.`;
    return isByDrizzleKit(rebuild) ? { message, severity: 'info', fix: whereMeant } : message;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a)', 'CREATE INDEX i ON t (a)'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
        'CREATE INDEX i ON t (a)',
      ],
    },
    {
      given: ['CREATE TABLE t (a)', 'CREATE INDEX i ON t (a)'],
      sql: [
        'DROP INDEX i',
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
    { given: ['CREATE TABLE t (a)', 'CREATE INDEX i ON t (a)'], sql: ['DROP TABLE t'] },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a)', 'CREATE UNIQUE INDEX i ON t (a)'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};

/** It makes every index again that the schema code has, and leaves one out on purpose without a word. */
function isByDrizzleKit({ table, via }: Rebuild): boolean {
  return sameName(via, `__new_${table}`);
}

const whereMeant =
  'drizzle-kit leaves out what the schema code no longer has: look whether it is meant to go.';
