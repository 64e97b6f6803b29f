import { foldName } from '../sql/cursor.ts';
import { copyOf, type CopiedItem, type Copy } from '../sql/insertion.ts';
import type { Rule, RuleInput } from './rule.ts';
import { onSqlite } from './severities.ts';

export const copiesByPosition: Rule = {
  id: 'copies-by-position',
  title: 'A rebuild copies columns by their place, and they stand in another place.',
  why: 'INSERT … SELECT without the names of the columns fills the first with the first, the second with the second. Values land in other columns than before, without an error.',
  fix: 'Name the columns on both sides: INSERT INTO new (a, b) SELECT a, b FROM old.',
  severity: onSqlite('error'),
  check: (at) => {
    const { kind, number, rebuilds, now, statement } = at;
    const rebuild = rebuilds.find(({ copies }) => copies.includes(number));
    if (!rebuild || kind.kind !== 'insert' || kind.columns.length > 0 || kind.from?.length !== 1)
      return undefined;
    const into = [...(now.tables.get(foldName(kind.table))?.columns ?? [])];
    const copied = columnsCopied(copyOf(statement.sql), at);
    const moved = copied.flatMap((name, place) => {
      const there = into[place];
      return name !== undefined && there !== undefined && name !== there && into.includes(name)
        ? [`${name} to ${there}`]
        : [];
    });
    if (moved.length === 0) return undefined;
    return `The rebuild of ${rebuild.table} copies ${moved.join(', ')}.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a, b)'],
      sql: [
        'CREATE TABLE n (a, b)',
        'INSERT INTO n SELECT * FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
    {
      given: ['CREATE TABLE t (a, b)'],
      sql: [
        'CREATE TABLE n (b, a)',
        'INSERT INTO n (a, b) SELECT a, b FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
    {
      given: ['CREATE TABLE t (a, b)'],
      sql: [
        'CREATE TABLE n (a, c)',
        'INSERT INTO n SELECT * FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE t (a, b)'],
      sql: [
        'CREATE TABLE n (b, a)',
        'INSERT INTO n SELECT * FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
    {
      given: ['CREATE TABLE t (a, b, c)'],
      sql: [
        'CREATE TABLE n (a, c, d)',
        'INSERT INTO n SELECT a, b, c FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};

/** The names of the old columns, in lower case, by the place they are copied to; undefined where it is no plain column. */
function columnsCopied(copy: Copy | undefined, { kind, now }: RuleInput): readonly (string | undefined)[] {
  const [source] = kind.kind === 'insert' ? (kind.from ?? []) : [];
  const columns = source === undefined ? undefined : now.tables.get(foldName(source))?.columns;
  if (!copy || !columns) return [];
  const [first, ...others] = copy.items;
  if (first?.kind === 'star') return others.length === 0 ? [...columns] : [];
  return copy.items.map((item) => plainColumn(item, columns));
}

function plainColumn(item: CopiedItem, columns: ReadonlySet<string>): string | undefined {
  if (item.kind !== 'column') return undefined;
  const name = foldName(item.name);
  return columns.has(name) ? name : undefined;
}
