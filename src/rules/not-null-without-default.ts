import type { Rule } from './rule.ts';

export const notNullWithoutDefault: Rule = {
  id: 'not-null-without-default',
  title: 'ADD COLUMN … NOT NULL without a default.',
  why: 'SQLite refuses it: the rows that are there would have NULL.',
  fix: 'Give it a default, or add it without NOT NULL, fill it, and rebuild the table.',
  severity: { file: 'error', remote: 'error', d1Local: 'error', d1Remote: 'error' },
  check: ({ kind }) => {
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'add-column') return undefined;
    const { constraints } = kind.action.definition;
    const has = (wanted: string) => constraints.some(({ kind }) => kind === wanted);
    const isNull = constraints.some(
      (constraint) =>
        constraint.kind === 'default' &&
        constraint.value.map(({ text }) => text.toUpperCase()).join('') === 'NULL',
    );
    if (!has('not-null') || has('generated') || (has('default') && !isNull)) return undefined;
    return `The column ${kind.table}.${kind.action.column} is NOT NULL and has no default.`;
  },
  accepts: [
    { sql: ["ALTER TABLE t ADD COLUMN a TEXT DEFAULT '' NOT NULL"] },
    { sql: ['ALTER TABLE t ADD a TEXT'] },
  ],
  rejects: [
    { sql: ['ALTER TABLE t ADD a TEXT NOT NULL'] },
    { sql: ['ALTER TABLE t ADD a TEXT NOT NULL DEFAULT NULL'] },
  ],
};
