import { bytes, count } from '../lib/numbers.ts';
import { foldName } from '../sql/cursor.ts';
import type { Rule, RuleInput } from './rule.ts';

export const longMigration: Rule = {
  id: 'long-migration',
  title: 'A migration that may take longer than D1 gives one request.',
  why: 'D1 ends a request after 30 seconds. wrangler sends each file as one request; what became of one that ran out of time only the record in the database tells. This tool sends a file above 4 MiB as an import, and reads the record afterwards.',
  fix: 'Split it: rows in portions (WHERE id BETWEEN … AND …), each rebuild or index of a large table in a migration of its own.',
  severity: { file: 'off', remote: 'off', d1Local: 'info', d1Remote: 'warning', postgres: 'off' },
  check: (at) => {
    if (at.number !== 1) return undefined;
    const size = at.statements.reduce((sum, { sql }) => sum + Buffer.byteLength(sql), 0);
    if (size > largeText)
      return `The migration holds ${bytes(size)} of SQL; one request to D1 has 30 seconds.`;
    const rows = rowsTouched(at);
    return rows > manyRows
      ? `The migration goes through about ${count(rows)} rows; one request to D1 has 30 seconds.`
      : undefined;
  },
  accepts: [{ sql: ['CREATE TABLE t (a)', 'INSERT INTO t VALUES (1)'] }],
  rejects: [
    {
      sql: [
        'CREATE TABLE t (a)',
        ...Array.from({ length: 12 }, () => `INSERT INTO t VALUES ('${'x'.repeat(90_000)}')`),
      ],
    },
  ],
};

const largeText = 1024 * 1024;
const manyRows = 1_000_000;

/** Rows of counted tables, once for each statement that reads or writes all of them. */
function rowsTouched({ kinds, rows }: RuleInput): number {
  const of = (table: string) => rows.get(foldName(table)) ?? 0;
  return kinds.reduce((sum, kind) => {
    if (kind.kind === 'insert' || (kind.kind === 'create-table' && kind.from))
      return sum + (kind.from ?? []).reduce((all, table) => all + of(table), 0);
    const whole =
      kind.kind === 'update' ||
      kind.kind === 'delete' ||
      kind.kind === 'drop-table' ||
      kind.kind === 'create-index';
    return whole ? sum + of(kind.table) : sum;
  }, 0);
}
