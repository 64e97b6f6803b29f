import type { Rule } from './rule.ts';
import { onD1 } from './severities.ts';

export const missingFinalSemicolon: Rule = {
  id: 'missing-final-semicolon',
  title: 'A statement without a semicolon behind it.',
  why: 'wrangler glues its own INSERT for the record to the end of the file, and takes a breakpoint marker for a comment: without the semicolon two statements become one, and fail. This tool does not need it.',
  fix: 'Put a semicolon behind the statement.',
  severity: onD1('info'),
  check: ({ statement, statements, number }) => {
    if (statement.terminator !== 'none') return undefined;
    return number === statements.length
      ? 'The file ends without a semicolon: wrangler would fail at its own INSERT.'
      : 'Only a breakpoint marker ends this statement: wrangler would run it together with the next one, and fail.';
  },
  accepts: [{ sql: ['CREATE TABLE t (a)'] }],
  rejects: [{ sql: ['CREATE TABLE t (a)'], terminators: ['none'] }],
};
