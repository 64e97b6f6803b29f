import { foldName } from '../sql/cursor.ts';
import { tableDefinition } from '../sql/table-definition.ts';
import { mayHoldRows } from './filled.ts';
import type { Rule, RuleInput } from './rule.ts';
import { everywhere } from './severities.ts';

export const dropColumn: Rule = {
  id: 'drop-column',
  title: 'A column is dropped, or not made again by a rebuild.',
  why: 'Its values are gone, and code that is still running may read it.',
  fix: 'Deploy code that no longer names the column first, and drop it in a later release.',
  fixOfRollback: 'Bring the code of before, which does not name the column, and roll back then.',
  severity: everywhere('warning'),
  check: (at) => {
    const { kind } = at;
    if (kind.kind === 'alter-table' && kind.action.kind === 'drop-column' && mayHoldRows(at, kind.table)) {
      return `The column ${kind.table}.${kind.action.column} is dropped with its values.`;
    }
    const lost = lostByRebuild(at);
    return lost && `The rebuild of ${lost.table} does not make ${lost.columns.join(', ')} again.`;
  },
  accepts: [{ given: ['CREATE TABLE t (a)'], sql: ['ALTER TABLE t ADD COLUMN b'] }],
  rejects: [
    { given: ['CREATE TABLE t (a, b)'], sql: ['ALTER TABLE t DROP COLUMN b'] },
    {
      given: ['CREATE TABLE t (a, b)'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};

function lostByRebuild({ rebuilds, number, begin, statement }: RuleInput) {
  const rebuild = rebuilds.find(({ create }) => create === number);
  const before = rebuild && begin.tables.get(foldName(rebuild.table))?.columns;
  if (!before) return undefined;
  const definition = tableDefinition(statement.sql);
  if (!definition) return undefined;
  const after = new Set(definition.columns.map(({ name }) => foldName(name)));
  const columns = [...before].filter((column) => !after.has(column));
  return columns.length > 0 ? { table: rebuild.table, columns } : undefined;
}
