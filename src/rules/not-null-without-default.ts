import { foldName } from '../sql/cursor.ts';
import { mayHoldRows } from './filled.ts';
import { isPostgres, type Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const notNullWithoutDefault: Rule = {
  id: 'not-null-without-default',
  title: 'ADD COLUMN … NOT NULL without a default.',
  why: 'The rows that are there would have NULL: SQLite refuses it always, PostgreSQL as soon as there is a row.',
  fix: 'Give it a default, or add it without NOT NULL, fill it, and rebuild the table.',
  severity: everywhere('error'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'alter-table') return undefined;
    const { action } = kind;
    if (action.kind !== 'add-column' && action.kind !== 'add-column-if-missing') return undefined;
    const { constraints, type } = action.definition;
    const has = (wanted: string) => constraints.some(({ kind }) => kind === wanted);
    const isNull = constraints.some(
      (constraint) =>
        constraint.kind === 'default' &&
        constraint.value.map(({ text }) => text.toUpperCase()).join('') === 'NULL',
    );
    if (!has('not-null') || has('generated') || (has('default') && !isNull)) return undefined;
    const message = `The column ${kind.table}.${action.column} is NOT NULL and has no default.`;
    if (!isPostgres(at.engine)) return message;
    const isFilled = mayHoldRows(at, kind.table) && at.rows.get(foldName(kind.table)) !== 0;
    const hasValues = has('identity') || /^(?:small|big)?serial\d?$/i.test(type);
    return isFilled && !hasValues ? { message, fix: onPostgres } : undefined;
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

const onPostgres =
  'Give it a default, or add it without NOT NULL, fill it, and SET NOT NULL in the next migration.';
