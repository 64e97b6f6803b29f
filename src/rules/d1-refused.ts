import { forbiddenByD1, refusedFunctions } from '../sql/d1-rules.ts';
import { foldName, isWord } from '../sql/cursor.ts';
import { meaningfulTokens } from '../sql/tokens.ts';
import type { Rule, RuleInput } from './rule.ts';
import { onD1 } from './severities.ts';

export const d1Refused: Rule = {
  id: 'd1-refused',
  title: 'A statement, pragma, function or name that D1 refuses.',
  why: 'D1 runs SQLite with parts of it switched off: other files, TEMP objects, most pragmas, some functions and modules, names that begin with _cf_.',
  fix: 'Leave it out of the migrations of a D1 database; in the application, compute what the function gave.',
  severity: onD1('error'),
  check: (at) => {
    // Each of these has a rule of its own, for every engine.
    if (['transaction', 'vacuum', 'detach'].includes(at.kind.kind)) return undefined;
    const why = forbiddenByD1(at.statement.sql);
    if (why !== undefined) return `D1 ${why}.`;
    return refusedPart(at);
  },
  accepts: [
    { sql: ['CREATE TABLE t (a, _cf_b)'] },
    { sql: ['PRAGMA defer_foreign_keys = ON'] },
    { sql: ['PRAGMA optimize'] },
    { sql: ['CREATE VIRTUAL TABLE f USING fts5(a)'] },
    { sql: ["SELECT '?', sqrt(2)"] },
  ],
  rejects: [
    { sql: ["ATTACH 'x.db' AS x"] },
    { sql: ['CREATE TEMP TABLE t (a)'] },
    { sql: ['PRAGMA journal_mode = WAL'] },
    { sql: ['PRAGMA integrity_check'] },
    { sql: ['CREATE TABLE _cf_t (a)'] },
    { sql: ['CREATE VIRTUAL TABLE f USING fts4(a)'] },
    { sql: ['SELECT sqlite_version()'] },
    { sql: ['SELECT ?1'] },
  ],
};

function refusedPart({ kind, statement: { sql } }: RuleInput): string | undefined {
  if (sql.length > longText || kind.kind === 'create-index' || kind.kind === 'pragma') return undefined;
  const all = meaningfulTokens(sql);
  const called = all.find(
    (token, at) =>
      token.kind === 'word' &&
      all[at + 1]?.text === '(' &&
      refusedFunctions.has(foldName(token.text)) &&
      !beforeNames.some((word) => isWord(all[at - 1], word)),
  );
  if (called) return `D1 has no function ${foldName(called.text)}.`;
  const parameter = all.find((token) => token.kind === 'variable');
  return (
    parameter && `The parameter ${parameter.text} has no value in a migration: D1 refuses the statement.`
  );
}

// What is longer is refused for its length.
const longText = 100_000;

/** What follows these is the name of a table or a module, whatever parenthesis comes next. */
const beforeNames = ['TABLE', 'EXISTS', 'INTO', 'USING', 'REFERENCES', 'WITH', 'RECURSIVE', '.'];
