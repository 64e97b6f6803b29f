import { quantity } from '../lib/numbers.ts';
import { sameName } from '../sql/cursor.ts';
import { reachOfDrop, type ReachedTable, type ReachOfDrop } from './reach-of-drop.ts';
import type { Remark, Rule, RuleInput } from './rule.ts';
import { onD1 } from './severities.ts';

export const rebuildCascades: Rule = {
  id: 'rebuild-cascades',
  title: 'A table is dropped or rebuilt on D1, and takes rows of other tables along.',
  why: 'DROP TABLE deletes the rows first. D1 keeps foreign keys on whatever PRAGMA stands in the file, so ON DELETE CASCADE empties the tables that refer to it, SET NULL and SET DEFAULT clear their columns, and every tool reports success. PRAGMA defer_foreign_keys puts off checks, not these actions.',
  fix: 'Copy the rows aside, rebuild, and put them back, in one migration: migrate-tui migration TAG --keep-children ENV prints it, with --write in place of the file.',
  fixOfRollback:
    'Have the rollback file take away what refers to the table first; or copy those rows aside before the DROP and put them back after it.',
  severity: onD1('error'),
  check: (at) => {
    const reach = reachOfDrop(at);
    if (!reach) return undefined;
    const losing = reach.reached.filter(({ fate }) => fate !== 'in-the-way');
    // A rebuild that only fails is told by the rule rebuild-of-referenced-table.
    if (losing.length === 0 && reach.rebuild) return undefined;
    return {
      message: messageOf(reach, losing),
      fix: fixOf(reach, at),
      ...(reach.reached.every(({ rows }) => rows === 0) ? ({ severity: 'warning' } as const) : {}),
    } satisfies Remark;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE c (t REFERENCES t(a))'],
      sql: ['DROP TABLE c', 'DROP TABLE t'],
    },
    {
      given: [
        'CREATE TABLE t (a INTEGER PRIMARY KEY)',
        'CREATE TABLE c (t REFERENCES t(a) ON DELETE CASCADE)',
      ],
      sql: [
        'CREATE TABLE n (a INTEGER PRIMARY KEY)',
        'INSERT INTO n SELECT a FROM t',
        'CREATE TABLE kept (t)',
        'INSERT INTO kept (rowid, t) SELECT rowid, t FROM c',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
        'INSERT INTO c (rowid, t) SELECT rowid, t FROM kept',
        'DROP TABLE kept',
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
        'PRAGMA foreign_keys = OFF',
        'CREATE TABLE n (a INTEGER PRIMARY KEY)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
        'PRAGMA foreign_keys = ON',
      ],
    },
    {
      given: [
        'CREATE TABLE t (a INTEGER PRIMARY KEY)',
        'CREATE TABLE c (t REFERENCES t(a) ON DELETE SET NULL)',
      ],
      sql: ['DROP TABLE t'],
    },
    {
      given: ['CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE c (t REFERENCES t(a))'],
      sql: ['DROP TABLE t'],
    },
    {
      given: ['CREATE TABLE t (a INTEGER PRIMARY KEY, p REFERENCES t(a) ON DELETE CASCADE)'],
      sql: [
        'CREATE TABLE n (a INTEGER PRIMARY KEY, p REFERENCES t(a) ON DELETE CASCADE)',
        'INSERT INTO n SELECT a, p FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};

function messageOf({ table, rebuild, reached }: ReachOfDrop, losing: readonly ReachedTable[]): string {
  const what = `DROP TABLE ${table}${rebuild ? ', a step of its rebuild,' : ''}`;
  const said = (one: ReachedTable) =>
    rebuild && sameName(one.table, rebuild.via) ? `${table} itself` : one.table;
  const done = unique(losing.map((one) => lossOf(one, said(one))));
  const blocking = unique(
    reached
      .filter(({ fate }) => fate === 'in-the-way')
      .map((one) => `rows of ${said(one)} refer to ${one.parent} (ON DELETE ${one.onDelete})`),
  );
  const fails = `fails while ${blocking.join(' or ')}`;
  if (done.length === 0) return `${what} ${fails}: D1 keeps foreign keys on.`;
  const also = blocking.length === 0 ? '' : `, or ${fails}`;
  return `${what} ${done.join(', ')}${also}: D1 keeps foreign keys on.`;
}

function lossOf({ fate, columns, onDelete, rows }: ReachedTable, table: string): string {
  const many = rows === undefined ? 'the rows' : `up to ${quantity(rows, 'row')}`;
  return fate === 'deleted'
    ? `deletes ${many} of ${table} (ON DELETE ${onDelete})`
    : `clears ${columns.join(', ')} in ${many} of ${table} (ON DELETE ${onDelete})`;
}

function fixOf({ rebuild, reached }: ReachOfDrop, { tag, environment = 'ENV' }: RuleInput): string {
  const command = `migrate-tui migration ${tag} --keep-children ${environment}`;
  return rebuild
    ? `${command} prints this migration with the rows copied aside and put back, --write puts that in the file's place.`
    : `Drop ${unique(reached.map(({ table }) => table)).join(', ')} or its reference first, in this migration; ${command} prints it in an order that keeps the rows, where there is one.`;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
