import { count, listOf, moment, object, oneOf, optional, span, text, type Check } from '../../lib/shape.ts';

const migrations = listOf(object({ tag: text, hash: text }));
const state = object({ fingerprint: text, history: text });
const violations = listOf(object({ table: text, parent: text, count }));

const rehearsedMigration = object({
  tag: text,
  hash: text,
  foreignKeys: oneOf(['on', 'off']),
  took: span,
  statements: listOf(object({ number: count, took: span, fingerprint: text })),
});

const table = object({
  table: text,
  rowsBefore: optional(count),
  rowsAfter: optional(count),
  causes: listOf(object({ tag: text, statement: count, verb: text, sql: text })),
  columns: listOf(
    object({
      column: text,
      nonNullBefore: optional(count),
      nonNullAfter: optional(count),
      values: oneOf(['kept', 'changed', 'not-comparable', 'added', 'removed']),
    }),
  ),
});

export const loss: Check = (value, path) => {
  const wrong = object({ kind: oneOf(['rows', 'nulled', 'values']), table: text, rows: count, likely: text })(
    value,
    path,
  );
  return wrong ?? (isOfRows(value) ? undefined : object({ column: text })(value, path));
};

function isOfRows(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'rows';
}

/** What a rehearsal showed. */
export const evidence = object({
  database: text,
  backup: optional(text),
  rows: optional(oneOf(['backup', 'copy'])),
  rehearsal: oneOf(['full', 'in-target', 'structure']),
  ranIn: optional(oneOf(['workerd', 'simulation'])),
  before: state,
  after: state,
  migrations: listOf(rehearsedMigration),
  tables: listOf(table),
  unchangedTables: object({ count, rows: count }),
  losses: listOf(loss),
  violations: object({ before: violations, added: violations }),
});

export const finding = object({
  rule: text,
  severity: oneOf(['error', 'warning', 'info']),
  database: text,
  tag: text,
  statement: count,
  line: count,
  message: text,
  fix: optional(text),
});

/** What a rehearsed plan must be: each part of it is relied on, and a person may have changed any. */
export const planShape = object({
  schemaVersion: oneOf([1]),
  kind: oneOf(['plan-file']),
  version: text,
  environment: text,
  rehearsedAt: moment,
  run: count,
  backup: optional(text),
  databases: listOf(object({ database: text, location: text, migrations })),
  order: oneOf(['in-order', 'out-of-order']),
  evidence: listOf(evidence),
  findings: listOf(finding),
  hash: text,
});
