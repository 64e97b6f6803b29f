import type { StatementKind } from '../sql/statement-kind.ts';
import type { ColumnDefinition } from '../sql/column-definition.ts';
import { onLargeTable } from './large-table.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const constraintChecksRows: Rule = {
  id: 'constraint-checks-rows',
  title:
    'A CHECK or FOREIGN KEY is added without NOT VALID, or a UNIQUE or PRIMARY KEY without an index that is there.',
  why: 'Every row is looked at under the lock: with a foreign key nobody can write to either table, with the others nobody can read or write. One row that does not fit makes the migration fail.',
  fix: 'On a large table add it NOT VALID, and VALIDATE CONSTRAINT in the next migration; for a UNIQUE or PRIMARY KEY make the index CONCURRENTLY in a migration before, and add the constraint USING INDEX.',
  severity: onPostgres('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind !== 'alter-table') return undefined;
    const { action, table } = kind;
    const said =
      action.kind === 'add-constraint'
        ? lockedWhile(table, action)
        : action.kind === 'add-column' || action.kind === 'add-column-if-missing'
          ? withColumn(table, action.definition)
          : undefined;
    const found = said === undefined ? undefined : onLargeTable(at, kind.table, said);
    const isExclude = action.kind === 'add-constraint' && action.is === 'exclude';
    return found && isExclude ? { ...found, fix: standingStill } : found;
  },
  accepts: [
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID'] },
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t ADD CHECK (a > 0)'], rows: { t: 50 } },
    {
      given: ['CREATE TABLE t (a int)', 'CREATE UNIQUE INDEX i ON t (a)'],
      sql: ['ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i'],
    },
    {
      given: ['CREATE TABLE u (id int PRIMARY KEY)'],
      sql: ['CREATE TABLE t (a int)', 'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id)'],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)'],
      rows: { t: 5_000_000 },
    },
    {
      given: ['CREATE TABLE u (id int PRIMARY KEY)', 'CREATE TABLE t (a int)'],
      sql: ['ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE'],
    },
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)'] },
    { given: ['CREATE TABLE t (a int)'], sql: ['ALTER TABLE t ADD COLUMN b text UNIQUE'] },
  ],
};

/** https://www.postgresql.org/docs/current/sql-altertable.html: neither NOT VALID nor USING INDEX goes with EXCLUDE. */
const standingStill =
  'Apply it when the table may stand still for as long as it takes, as there is no way to build its index beside.';

type AddConstraint = Extract<
  Extract<StatementKind, { kind: 'alter-table' }>['action'],
  { kind: 'add-constraint' }
>;

function lockedWhile(
  table: string,
  { is, notValid, usingIndex, clause, name }: AddConstraint,
): string | undefined {
  if (notValid || usingIndex) return undefined;
  const what = `${words[is]}${name === undefined ? '' : ` ${name}`}`;
  if (is === 'foreign-key') {
    const held = clause?.parent === table ? table : `${table} or ${clause?.parent ?? 'its parent'}`;
    return `The new ${what} looks at every row of ${table}, while nobody can write to ${held}.`;
  }
  const does = is === 'check' || is === 'not-null' ? 'looks at' : 'builds an index of';
  return `The new ${what} ${does} every row of ${table}, while nobody can read or write it.`;
}

const words = {
  check: 'CHECK',
  unique: 'UNIQUE constraint',
  'primary-key': 'PRIMARY KEY',
  'foreign-key': 'FOREIGN KEY',
  exclude: 'EXCLUDE constraint',
  'not-null': 'NOT NULL constraint',
} as const;

/** A constraint that stands behind a new column. */
function withColumn(table: string, { name, constraints }: ColumnDefinition): string | undefined {
  const found = constraints.find(
    ({ kind }) => kind === 'unique' || kind === 'primary-key' || kind === 'check',
  );
  if (!found) return undefined;
  const does = found.kind === 'check' ? 'looks at' : 'builds an index of';
  return `The constraint of the new column ${table}.${name} ${does} every row of ${table}, while nobody can read or write it.`;
}
