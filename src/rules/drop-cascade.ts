import { foldName, sameName } from '../sql/cursor.ts';
import type { Remark, Rule, RuleInput } from './rule.ts';
import { onPostgres } from './severities.ts';

export const dropCascade: Rule = {
  id: 'drop-cascade',
  title: 'DROP … CASCADE takes along what depends on it.',
  why: 'Views, foreign keys, columns of a dropped type, tables of a dropped schema go without a word, in each database others.',
  fix: 'Drop what depends on it by name first, and leave CASCADE out: then PostgreSQL refuses when something was forgotten.',
  severity: onPostgres('warning'),
  check: (at): string | Remark | undefined => {
    const { kind } = at;
    switch (kind.kind) {
      case 'drop-table':
        return kind.cascade && ofTable(at, kind.table);
      case 'drop-schema':
        return kind.cascade ? ofSchema(at, kind.schema) : undefined;
      case 'drop-type':
        return kind.cascade
          ? {
              severity: 'error',
              message: `The type ${kind.type} is dropped with every column of it, and their values.`,
            }
          : undefined;
      case 'drop-view':
        return kind.cascade && general(`the view ${kind.view}`);
      case 'drop-function':
        return kind.cascade ? general(`the function ${kind.function}`) : undefined;
      case 'drop-sequence':
        return kind.cascade ? general(`the sequence ${kind.sequence}`) : undefined;
      case 'drop-extension':
        return kind.cascade ? general(`the extension ${kind.extension}`) : undefined;
      case 'alter-table':
        return ofAction(kind);
      default:
        return undefined;
    }
  },
  accepts: [
    // As drizzle-kit writes it, where nothing is known to depend on the table.
    { given: ['CREATE TABLE t (a int)'], sql: ['DROP TABLE "t" CASCADE'] },
    {
      given: ['CREATE TABLE t (a int PRIMARY KEY)', 'CREATE TABLE c (t int REFERENCES t (a))'],
      sql: ['DROP TABLE t CASCADE', 'DROP TABLE c CASCADE'],
    },
    {
      given: ['CREATE TABLE t (a int)', 'CREATE VIEW v AS SELECT a FROM t'],
      sql: ['DROP VIEW v', 'DROP TABLE t CASCADE'],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a int PRIMARY KEY)', 'CREATE TABLE c (t int REFERENCES t (a))'],
      sql: ['DROP TABLE t CASCADE'],
    },
    { given: ['CREATE TABLE t (a int)', 'CREATE VIEW v AS SELECT a FROM t'], sql: ['DROP TABLE t CASCADE'] },
    { given: ['CREATE SCHEMA app', 'CREATE TABLE app.t (a int)'], sql: ['DROP SCHEMA app CASCADE'] },
    { given: ["CREATE TYPE role AS ENUM ('a')", 'CREATE TABLE t (r role)'], sql: ['DROP TYPE role CASCADE'] },
    { given: ['CREATE TABLE t (a int, b int)'], sql: ['ALTER TABLE t DROP COLUMN b CASCADE'] },
  ],
};

const general = (what: string) => `What depends on ${what} is dropped along with it.`;

/** drizzle-kit writes CASCADE behind every DROP TABLE: it counts only where something is known to go along. */
function ofTable({ now, kinds }: RuleInput, table: string): string | undefined {
  const dropped = new Set(
    kinds.flatMap((each) => (each.kind === 'drop-table' ? [foldName(each.table)] : [])),
  );
  const keys = now.foreignKeys.filter(
    (key) => sameName(key.parent, table) && !dropped.has(foldName(key.table)),
  );
  const views = [...now.views.values()].filter(({ from }) => from.includes(foldName(table)));
  const going = [
    ...views.map(({ name }) => `the view ${name}`),
    ...[...new Set(keys.map((key) => key.table))].map((name) => `the foreign key of ${name}`),
  ];
  return going.length === 0 ? undefined : `With ${table} goes ${going.join(', ')}.`;
}

function ofSchema({ now }: RuleInput, schema: string): Remark {
  const inside = [...now.tables.values()].filter(({ name }) =>
    foldName(name).startsWith(`${foldName(schema)}.`),
  );
  const tables = inside.map(({ name }) => name).join(', ');
  return {
    severity: 'error',
    message: `The schema ${schema} is dropped with all that is in it${tables === '' ? '' : `: ${tables}`}.`,
  };
}

function ofAction(kind: Extract<RuleInput['kind'], { kind: 'alter-table' }>): string | undefined {
  const { action, table } = kind;
  if (action.kind === 'drop-column' && action.cascade) return general(`the column ${table}.${action.column}`);
  if (action.kind === 'drop-constraint' && action.cascade)
    return general(`the constraint ${action.name} of ${table}`);
  return undefined;
}
