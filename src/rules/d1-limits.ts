import { foldName, isWord, withDepth } from '../sql/cursor.ts';
import { aboveD1Limits, d1Limits } from '../sql/d1-rules.ts';
import { meaningfulTokens, type Token } from '../sql/tokens.ts';
import type { Rule, RuleInput } from './rule.ts';
import { onD1 } from './severities.ts';

export const d1LimitsRule: Rule = {
  id: 'd1-limits',
  title: 'A statement that is too large for D1.',
  why: 'D1 takes statements up to 100,000 bytes, tables and results up to 100 columns, 5 SELECTs in one UNION, expressions 100 deep, and LIKE patterns up to 50 bytes. What is above fails, and the whole migration with it.',
  fix: 'Split it: several INSERT statements, a second table, UNIONs in views or in separate INSERTs, IN (…) instead of a chain of OR.',
  severity: onD1('error'),
  check: (at) => {
    const why = aboveD1Limits(at.statement.sql) ?? oneColumnMore(at) ?? tooDeep(at);
    return why && `D1 ${why}.`;
  },
  accepts: [
    { sql: [`CREATE TABLE t (${columns(100)})`] },
    { sql: [`SELECT ${Array.from({ length: 60 }, (_, at) => at).join(', ')}`] },
    { sql: ["SELECT 1 WHERE 'a' LIKE 'a%'"] },
    { sql: ['SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5'] },
  ],
  rejects: [
    { sql: [`CREATE TABLE t (${columns(101)})`] },
    { given: [`CREATE TABLE t (${columns(100)})`], sql: ['ALTER TABLE t ADD COLUMN one_more'] },
    { sql: ['SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6'] },
    { sql: [`SELECT 1 WHERE ${Array.from({ length: 101 }, (_, at) => `1 = ${at}`).join(' OR ')}`] },
    { sql: [`SELECT 1 WHERE 'a' LIKE '${'a'.repeat(51)}'`] },
  ],
};

function columns(count: number): string {
  return Array.from({ length: count }, (_, at) => `c${at}`).join(', ');
}

function oneColumnMore({ kind, now }: RuleInput): string | undefined {
  if (kind.kind !== 'alter-table' || kind.action.kind !== 'add-column') return undefined;
  const before = now.tables.get(foldName(kind.table))?.columns?.size ?? 0;
  return before >= d1Limits.columns
    ? `takes no table with more than ${d1Limits.columns} columns, and ${kind.table} has ${before}`
    : undefined;
}

function tooDeep({ statement: { sql } }: RuleInput): string | undefined {
  // Neither a chain nor a pattern above a limit fits into less.
  if (sql.length <= 50) return undefined;
  const all = meaningfulTokens(sql);
  if (longestChain(all) >= deepest) return `takes no expression deeper than ${deepest}`;
  const long = all.some(
    (token, at) =>
      token.kind === 'string' &&
      (isWord(all[at - 1], 'LIKE') || isWord(all[at - 1], 'GLOB')) &&
      Buffer.byteLength(token.text) - 2 > longestPattern,
  );
  return long ? `takes no LIKE or GLOB pattern above ${longestPattern} bytes` : undefined;
}

const deepest = 100;
const longestPattern = 50;

/** Operators that follow each other in one expression: each is one level of its tree. */
function longestChain(all: readonly Token[]): number {
  const chains: number[] = [];
  let longest = 0;
  for (const { token, depth } of withDepth(all)) {
    chains.length = depth + 1;
    if (endsExpression.some((word) => isWord(token, word))) chains[depth] = 0;
    else if (joins.some((word) => isWord(token, word))) {
      chains[depth] = (chains[depth] ?? 0) + 1;
      longest = Math.max(longest, chains[depth]);
    }
  }
  return longest;
}

const joins = ['AND', 'OR', '+', '-', '*', '/', '%', '||', '&', '|'];
const endsExpression = [
  ',',
  ';',
  'SELECT',
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'SET',
  'ON',
  'WHEN',
  'THEN',
  'ELSE',
];
