import type { Rule } from './rule.ts';

export const severalStatementsInAChunk: Rule = {
  id: 'several-statements-in-a-chunk',
  title: 'Two statements without a breakpoint between them.',
  why: "drizzle-orm's own migrator on libSQL runs only the first of them, and records the migration as applied. This tool runs both.",
  fix: 'Put `--> statement-breakpoint` between the statements, so that every tool runs them.',
  severity: { file: 'info', remote: 'info', d1Local: 'off', d1Remote: 'off', postgres: 'off' },
  check: ({ statement, statements, number }) => {
    const before = statements[number - 2];
    return before?.chunk !== undefined && before.chunk === statement.chunk
      ? "No breakpoint stands before this statement: drizzle-orm's own migrator would leave it out."
      : undefined;
  },
  accepts: [{ sql: ['CREATE TABLE t (a)', 'CREATE TABLE u (a)'], chunks: [1, 2] }],
  rejects: [{ sql: ['CREATE TABLE t (a)', 'CREATE TABLE u (a)'], chunks: [1, 1] }],
};
