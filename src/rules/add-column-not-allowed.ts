import type { ColumnConstraint } from '../sql/column-definition.ts';
import { isWord } from '../sql/cursor.ts';
import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const addColumnNotAllowed: Rule = {
  id: 'add-column-not-allowed',
  title: 'ADD COLUMN with what SQLite allows only in CREATE TABLE.',
  why: 'SQLite refuses PRIMARY KEY, UNIQUE, a stored generated column, a default that is computed, and REFERENCES with a default other than NULL while foreign keys are on, in a table that has rows.',
  fix: 'Add the plain column, and a unique index or an UPDATE after it; or rebuild the table.',
  severity: onSqlite('error'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'add-column') return undefined;
    const { constraints } = kind.action.definition;
    const found =
      constraints.map(notAllowed).find((what) => what !== undefined) ??
      (pointsNowhere(constraints) && mayHoldRows(at, kind.table)
        ? 'REFERENCES and a default other than NULL'
        : undefined);
    return found && `The column ${kind.table}.${kind.action.column} cannot be added with ${found}.`;
  },
  accepts: [
    { sql: ['ALTER TABLE t ADD a INTEGER DEFAULT -1'] },
    { sql: ['ALTER TABLE t ADD a AS (b + 1) VIRTUAL'] },
    { sql: ['ALTER TABLE t ADD a INTEGER DEFAULT NULL REFERENCES p(b)'] },
    { sql: ['CREATE TABLE t (b)', 'ALTER TABLE t ADD a INTEGER DEFAULT 1 REFERENCES p(b)'] },
  ],
  rejects: [
    { sql: ['ALTER TABLE t ADD a TEXT UNIQUE'] },
    { sql: ['ALTER TABLE t ADD a INTEGER PRIMARY KEY'] },
    { sql: ['ALTER TABLE t ADD a TEXT DEFAULT CURRENT_TIMESTAMP'] },
    { sql: ["ALTER TABLE t ADD a TEXT DEFAULT (datetime('now'))"] },
    { sql: ['ALTER TABLE t ADD a AS (b + 1) STORED'] },
    { sql: ['ALTER TABLE t ADD a INTEGER DEFAULT 1 REFERENCES p(b)'] },
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

/** Every row would refer to a row that nobody has looked for. */
function pointsNowhere(constraints: readonly ColumnConstraint[]): boolean {
  const value = constraints.find((one) => one.kind === 'default')?.value;
  const isNull = value === undefined || (value.length === 1 && isWord(value[0], 'NULL'));
  return !isNull && constraints.some(({ kind }) => kind === 'references');
}
