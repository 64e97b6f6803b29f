import { foldName } from '../sql/cursor.ts';
import { meaningfulTokens, nameOf, type Token } from '../sql/tokens.ts';
import type { Rule, RuleInput } from './rule.ts';

export const doubleQuotedText: Rule = {
  id: 'double-quoted-text',
  title: 'A text in double quotes.',
  why: 'Double quotes are for names. libSQL looks for a column of that name and refuses the statement; D1 takes it for a text where there is no such column, so that the name of a column that was misspelt is compared, or stored, as a text.',
  fix: "Put texts in single quotes: 'active'.",
  severity: { file: 'error', remote: 'error', d1Local: 'warning', d1Remote: 'warning', postgres: 'off' },
  check: (at) => {
    const names = doubleQuoted(at);
    if (names.length === 0) return undefined;
    // What is quoted may be a value of somebody's: only where it stands is said.
    return names.length === 1
      ? 'A double-quoted word names no column of the table.'
      : `${names.length} double-quoted words name no column of the table.`;
  },
  accepts: [
    { given: ['CREATE TABLE t (a, b)'], sql: ['UPDATE t SET "a" = \'x\' WHERE "b" = \'y\''] },
    { given: ['CREATE TABLE t (a)'], sql: ['INSERT INTO "t" ("a") VALUES (1)'] },
    { given: ['CREATE TABLE t (a)', 'CREATE TABLE u (b)'], sql: ['UPDATE t SET a = "b" FROM u'] },
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM "t" WHERE "t"."a" = 1'] },
    { given: ['CREATE TABLE t (a)'], sql: ['INSERT INTO t VALUES (\'a "quoted" word\')'] },
    {
      given: ['CREATE TABLE t (a)', 'CREATE TABLE u (b)'],
      sql: ['DELETE FROM t WHERE a IN (SELECT "b" FROM u)'],
    },
    {
      given: ['CREATE TABLE t (a, b)'],
      sql: ['INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT DO UPDATE SET "b" = excluded."b"'],
    },
  ],
  rejects: [
    { given: ['CREATE TABLE t (a)'], sql: ['INSERT INTO t (a) VALUES ("active")'] },
    { given: ['CREATE TABLE t (a)'], sql: ['UPDATE t SET a = "active" WHERE a IS NULL'] },
    { given: ['CREATE TABLE t (a)'], sql: ['DELETE FROM t WHERE a = "old"'] },
  ],
};

/** Told only where one table is all that names can come from. */
function doubleQuoted({ kind, statement: { sql }, now }: RuleInput): readonly string[] {
  if (kind.kind !== 'insert' && kind.kind !== 'update' && kind.kind !== 'delete') return [];
  const columns = now.tables.get(foldName(kind.table))?.columns;
  if (!columns || !sql.includes('"') || /\b(?:select|from|with|returning|join)\b/i.test(withoutDelete(sql)))
    return [];
  const all = meaningfulTokens(sql);
  return all.flatMap((token, at) => {
    if (!isDoubleQuoted(token)) return [];
    const name = foldName(nameOf(token));
    const beside = all[at - 1]?.text === '.' || all[at + 1]?.text === '.';
    return beside || columns.has(name) || name === foldName(kind.table) || rowids.has(name) ? [] : [name];
  });
}

function withoutDelete(sql: string): string {
  return sql.replace(/^\s*delete\s+from\b/i, '');
}

function isDoubleQuoted({ kind, text }: Token): boolean {
  return kind === 'quoted-name' && text.startsWith('"');
}

const rowids = new Set(['rowid', 'oid', '_rowid_']);
