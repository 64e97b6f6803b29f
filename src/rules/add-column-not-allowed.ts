import type { ColumnConstraint } from '../sql/column-definition.ts';
import type { Rule } from './rule.ts';

export const addColumnNotAllowed: Rule = {
  id: 'add-column-not-allowed',
  title: 'ADD COLUMN with what SQLite allows only in CREATE TABLE.',
  why: 'SQLite refuses PRIMARY KEY, UNIQUE, a stored generated column and a default that is computed, in a table that has rows.',
  fix: 'Add the plain column, and a unique index or an UPDATE after it; or rebuild the table.',
  severity: { file: 'error', remote: 'error', d1Local: 'error', d1Remote: 'error', postgres: 'off' },
  check: ({ kind }) => {
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'add-column') return undefined;
    const found = kind.action.definition.constraints.map(notAllowed).find((what) => what !== undefined);
    return found && `The column ${kind.table}.${kind.action.column} cannot be added with ${found}.`;
  },
  accepts: [
    { sql: ['ALTER TABLE t ADD a INTEGER DEFAULT -1'] },
    { sql: ['ALTER TABLE t ADD a AS (b + 1) VIRTUAL'] },
  ],
  rejects: [
    { sql: ['ALTER TABLE t ADD a TEXT UNIQUE'] },
    { sql: ['ALTER TABLE t ADD a INTEGER PRIMARY KEY'] },
    { sql: ['ALTER TABLE t ADD a TEXT DEFAULT CURRENT_TIMESTAMP'] },
    { sql: ["ALTER TABLE t ADD a TEXT DEFAULT (datetime('now'))"] },
    { sql: ['ALTER TABLE t ADD a AS (b + 1) STORED'] },
  ],
};

function notAllowed(constraint: ColumnConstraint): string | undefined {
  if (constraint.kind === 'unique') return 'UNIQUE';
  if (constraint.kind === 'primary-key') return 'PRIMARY KEY';
  if (constraint.kind === 'generated' && constraint.stored === 'STORED') return 'STORED';
  if (constraint.kind !== 'default') return undefined;
  const computed = constraint.value.some(
    ({ text }) => text === '(' || text.toUpperCase().startsWith('CURRENT_'),
  );
  return computed ? 'a default that is computed' : undefined;
}
