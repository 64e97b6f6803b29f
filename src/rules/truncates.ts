import { sameName } from '../sql/cursor.ts';
import { mayHoldRows } from './filled.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const truncates: Rule = {
  id: 'truncates',
  title: 'TRUNCATE empties a table.',
  why: 'What is deleted comes back only from a backup, without what was written since; CASCADE empties every table that refers to it as well.',
  fix: 'Say which rows with DELETE … WHERE, or drop the table when all of it is meant.',
  severity: onPostgres('error'),
  check: (at) => {
    const { kind, now } = at;
    if (kind.kind !== 'truncate') return undefined;
    const tables = kind.tables.filter((table) => mayHoldRows(at, table));
    if (tables.length === 0) return undefined;
    const emptied = tables.length === 1 ? `${tables.join()} is emptied` : `${tables.join(', ')} are emptied`;
    const referring = now.foreignKeys.filter(
      ({ table, parent }) =>
        tables.some((name) => sameName(name, parent)) && !tables.some((name) => sameName(name, table)),
    );
    const also = [...new Set(referring.map(({ table }) => table))].join(', ');
    if (!kind.cascade) return `${emptied}.`;
    return `${emptied}, and with CASCADE every table that refers to them${also === '' ? '' : `: ${also}`}.`;
  },
  accepts: [{ sql: ['CREATE TABLE t (a int)', 'TRUNCATE t'] }],
  rejects: [
    { given: ['CREATE TABLE t (a int)'], sql: ['TRUNCATE t'] },
    {
      given: ['CREATE TABLE t (a int PRIMARY KEY)', 'CREATE TABLE c (t int REFERENCES t (a))'],
      sql: ['TRUNCATE TABLE t CASCADE'],
    },
  ],
};
