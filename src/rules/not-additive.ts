import { checkMayRefuse } from '../sql/check-of-column.ts';
import type { ColumnConstraint, ColumnDefinition } from '../sql/column-definition.ts';
import { foldName, isWord } from '../sql/cursor.ts';
import type { StatementKind } from '../sql/statement-kind.ts';
import type { Token } from '../sql/tokens.ts';
import { mayHoldRows } from './filled.ts';
import type { Rule, RuleInput } from './rule.ts';
import { everywhere } from './severities.ts';

export const notAdditive: Rule = {
  id: 'not-additive',
  title: 'A migration does more than add, where only additions are allowed.',
  why: 'While a release rolls out, and when it is taken back, code that does not know the migration runs against the new schema.',
  fix: 'Add what is new first, deploy code that no longer needs the old, and take the old away in a later release.',
  fixOfRollback:
    'Taking a migration back is never an addition. Where no code that runs needs what goes, accept it by name.',
  severity: everywhere('error'),
  policy: 'additive',
  check: (at) => {
    const what = takenOrTightened(at, at.kind);
    return what && `Not an addition: ${what}.`;
  },
  accepts: [
    {
      sql: [
        'CREATE TABLE t (a)',
        'CREATE UNIQUE INDEX i ON t (a)',
        'INSERT INTO t VALUES (1)',
        'DROP TABLE t',
      ],
    },
    {
      given: ['CREATE TABLE t (a)'],
      sql: ['ALTER TABLE t ADD b TEXT', 'UPDATE t SET b = a', 'CREATE INDEX i ON t (b)'],
    },
    { given: ['CREATE TABLE t (a)'], sql: ["ALTER TABLE t ADD b TEXT NOT NULL DEFAULT ''"] },
    { given: ['CREATE TABLE t (a)'], sql: ["ALTER TABLE t ADD b TEXT CHECK (b IN ('x', 'y'))"] },
    { given: ['CREATE TABLE t (a)'], sql: ["ALTER TABLE t ADD b TEXT DEFAULT 'x' CHECK (b <> '')"] },
    { given: ['CREATE TABLE t (a)'], sql: ['CREATE VIEW v AS SELECT a FROM t', 'INSERT INTO t VALUES (1)'] },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a)'], sql: ['DROP TABLE t'] },
    { given: ['CREATE TABLE t (a, b)'], sql: ['ALTER TABLE t DROP COLUMN b'] },
    { given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t RENAME COLUMN a TO b'] },
    { given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t RENAME TO u'] },
    { given: ['CREATE TABLE t (a)'], sql: ['CREATE UNIQUE INDEX i ON t (a)'] },
    { given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t ADD b TEXT NOT NULL'] },
    { given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t ADD b TEXT CHECK (b IS NOT NULL)'] },
    { given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t ADD b TEXT DEFAULT 1 CHECK (b > a)'] },
    { given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t ADD b TEXT', 'UPDATE t SET a = 1'] },
    { given: ['CREATE TABLE t (a)'], sql: ['INSERT OR REPLACE INTO t VALUES (1)'] },
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE a = 1'] },
    { given: ['CREATE TABLE t (a)', 'CREATE INDEX i ON t (a)'], sql: ['DROP INDEX i'] },
    {
      given: ['CREATE TABLE t (a)'],
      sql: ['CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT raise(ABORT, 1); END'],
    },
    {
      given: ['CREATE TABLE t (a)'],
      sql: [
        'CREATE TABLE n (a NOT NULL)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};

/**
 * What a statement takes away from code that does not know it, or asks of it, as part of a sentence. Tables that the
 * plan makes are unknown to such code, so anything may be done to them.
 */
function takenOrTightened(at: RuleInput, kind: StatementKind): string | undefined {
  switch (kind.kind) {
    case 'drop-table':
      return ofOld(
        at,
        kind.table,
        isRebuilt(at) ? `${kind.table} is made anew` : `the table ${kind.table} is dropped`,
      );
    case 'alter-table':
      return ofOld(at, kind.table, ofAction(at, kind));
    case 'create-index':
      return ofOld(at, kind.table, kind.unique ? `a unique index refuses rows of ${kind.table}` : undefined);
    case 'create-trigger':
      return ofOld(at, kind.table, `a trigger changes what writing to ${kind.table} does`);
    case 'create-view':
      return kind.replace && at.now.views.has(foldName(kind.view))
        ? `the view ${kind.view} is replaced`
        : undefined;
    case 'insert':
      return ofOld(
        at,
        kind.table,
        kind.upsert || kind.or === 'replace' ? `rows of ${kind.table} are changed` : undefined,
      );
    case 'update':
      return ofOld(
        at,
        kind.table,
        fillsNewColumns(at, kind) ? undefined : `rows of ${kind.table} are changed`,
      );
    case 'delete':
    case 'merge':
      return ofOld(at, kind.table, `rows of ${kind.table} may go`);
    case 'truncate':
      return kind.tables.map((table) => ofOld(at, table, `all rows of ${table} go`)).find(Boolean);
    case 'create-function':
      return kind.replace ? `the function ${kind.function} may be replaced` : undefined;
    case 'create-policy':
      return ofOld(at, kind.table, `a policy decides which rows of ${kind.table} are seen`);
    case 'alter-type':
      return kind.action.kind === 'add-value' ? undefined : `the type ${kind.type} is changed`;
    case 'grant':
      return /^\s*grant\b/i.test(at.statement.sql) ? undefined : 'rights are changed';
    default:
      return additions.has(kind.kind) ? undefined : otherwise(kind.kind);
  }
}

/** Kinds that take nothing away, or that other rules speak about. */
const additions: ReadonlySet<StatementKind['kind']> = new Set([
  'analyze',
  'attach',
  'combined',
  'comment',
  'copy',
  'create-extension',
  'create-schema',
  'create-sequence',
  'create-table',
  'create-type',
  'create-virtual-table',
  'detach',
  'lock',
  'pragma',
  'refresh-view',
  'reindex',
  'select',
  'server',
  'set',
  'transaction',
  'vacuum',
]);

/** `drop-index`: something is dropped. */
function otherwise(kind: StatementKind['kind']): string {
  const [verb, ...what] = kind.split('-');
  const object = what.join(' ');
  if (verb === 'drop') return `${withArticle(object)} is dropped`;
  if (verb === 'alter') return `${withArticle(object)} is changed`;
  return 'what the statement does cannot be told from its text';
}

function withArticle(object: string): string {
  return /^[aeiou]/.test(object) ? `an ${object}` : `a ${object}`;
}

function ofOld(at: RuleInput, table: string, what: string | undefined): string | undefined {
  return what !== undefined && mayHoldRows(at, table) ? what : undefined;
}

function isRebuilt({ rebuilds, number }: RuleInput): boolean {
  return rebuilds.some(({ drop }) => drop === number);
}

function ofAction(
  at: RuleInput,
  { table, action }: Extract<StatementKind, { kind: 'alter-table' }>,
): string | undefined {
  switch (action.kind) {
    case 'add-column':
    case 'add-column-if-missing':
      return asksFor(table, action.definition);
    case 'drop-not-null':
    case 'set-default':
    case 'column-option':
    case 'validate-constraint':
    case 'attach-partition':
    case 'rewrite':
      return undefined;
    case 'drop-column':
      return `the column ${table}.${action.column} is dropped`;
    case 'rename-column':
      return `the column ${table}.${action.column} is renamed`;
    case 'rename-table':
      // A rebuild is told where it drops the old table.
      return isPartOfRebuild(at) ? undefined : `the table ${table} is renamed`;
    case 'alter-column':
    case 'set-type':
    case 'set-not-null':
    case 'drop-default':
      return `the column ${table}.${action.column} is changed`;
    case 'add-constraint':
      return `a constraint refuses rows of ${table}`;
    default:
      return `the table ${table} is changed`;
  }
}

function isPartOfRebuild({ rebuilds, number }: RuleInput): boolean {
  return rebuilds.some(({ create, end }) => create <= number && number <= end);
}

/** What refuses a row that is written without the column, at once or the second time. */
function asksFor(table: string, { name, type, constraints }: ColumnDefinition): string | undefined {
  const has = (kind: ColumnConstraint['kind']) => constraints.some((constraint) => constraint.kind === kind);
  const hasDefault = constraints.some((one) => one.kind === 'default' && !isNull(one.value));
  const fillsItself = hasDefault || has('identity') || /serial/i.test(type);
  const needsOne = has('primary-key') || (has('unique') && hasDefault);
  if (needsOne || (has('not-null') && !fillsItself && !has('generated')))
    return `rows of ${table} need a value for ${name}`;
  const refuses = constraints.some(
    (one) =>
      one.kind === 'check' &&
      // What is computed from the others may be anything.
      (has('generated') || checkMayRefuse(one.expression, name, fillsItself ? 'fitting' : 'null')),
  );
  return refuses ? `a CHECK refuses rows of ${table} that are written without ${name}` : undefined;
}

function isNull(value: readonly Token[]): boolean {
  return isWord(value[0], 'NULL') && (value.length === 1 || value[1]?.text === '::');
}

/** Whether the migration itself adds all columns that an UPDATE writes. */
function fillsNewColumns(
  { begin }: RuleInput,
  { table, columns }: Extract<StatementKind, { kind: 'update' }>,
): boolean {
  const before = begin.tables.get(foldName(table))?.columns;
  return before !== undefined && columns.every((column) => !before.has(foldName(column)));
}
