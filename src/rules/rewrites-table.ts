import type { ColumnDefinition } from '../sql/column-definition.ts';
import { onLargeTable } from './large-table.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const rewritesTable: Rule = {
  id: 'rewrites-table',
  title:
    'A new column with a value of its own in each row, or SET LOGGED and the like: every row is written anew.',
  why: 'Nobody can read or write the table meanwhile. A default that is the same for every row is only noted down, but gen_random_uuid(), a serial or a stored generated column is computed row by row.',
  fix: 'On a large table add the column without it, set the default in a second statement for rows to come, and fill the others in portions.',
  severity: onPostgres('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'alter-table') return undefined;
    const { action, table } = kind;
    const isNew = action.kind === 'add-column' || action.kind === 'add-column-if-missing';
    const why = isNew ? ownValues(action.definition) : action.kind === 'rewrite' ? action.what : undefined;
    if (why === undefined) return undefined;
    if (isNew) {
      const message = `The new column ${table}.${action.column} with ${why} writes every row anew, while nobody can read or write the table.`;
      return onLargeTable(at, table, message);
    }
    const message = `${why} writes every row of ${table} anew, while nobody can read or write it.`;
    const found = onLargeTable(at, table, message);
    return found && { ...found, fix: standingStill };
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ADD COLUMN b timestamptz DEFAULT now() NOT NULL'],
    },
    { given: ['CREATE TABLE t (a int)'], sql: ["ALTER TABLE t ADD COLUMN b text DEFAULT 'x' NOT NULL"] },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ADD COLUMN b uuid DEFAULT gen_random_uuid() NOT NULL'],
      rows: { t: 5_000_000 },
    },
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t ADD COLUMN b bigserial'] },
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t SET UNLOGGED'] },
  ],
};

const standingStill =
  'Apply it when the table may stand still for as long as it takes, as no statement leaves it open meanwhile; on a small table at any time.';

/** What gives each row a value of its own, as it is called. */
function ownValues({ type, constraints }: ColumnDefinition): string | undefined {
  if (/^(?:small|big)?serial\d?$/i.test(type)) return type;
  for (const constraint of constraints) {
    if (constraint.kind === 'identity') return 'an identity';
    if (constraint.kind === 'generated' && constraint.stored === 'STORED') return 'a stored value';
    if (constraint.kind !== 'default') continue;
    const called = constraint.value.find(
      ({ text }, at) => volatile.has(text.toLowerCase()) && constraint.value[at + 1]?.text === '(',
    );
    if (called) return `${called.text.toLowerCase()}()`;
  }
  return undefined;
}

/** What PostgreSQL marks as volatile, among what a default may well be. */
const volatile = new Set([
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
  'random',
  'random_normal',
  'nextval',
  'clock_timestamp',
  'timeofday',
  'gen_random_bytes',
]);
