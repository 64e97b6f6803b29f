import type { ViolationCount } from '../../operations/evidence/measurement.ts';
import { nameInSchema, quoteName, quoteQualified } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';

/**
 * Rows that break a foreign key, per child table and parent. PostgreSQL keeps a key true, so that only those are looked
 * into that were never held against the rows that were there (NOT VALID), or whose triggers are switched off.
 */
export async function countPostgresViolations(query: Query): Promise<readonly ViolationCount[]> {
  const found = new Map<string, ViolationCount>();
  for (const row of await query({ sql: doubtfulKeys })) {
    const key: ForeignKey = JSON.parse(String(row['key']));
    const [counted] = await query({ sql: brokenBy(key) });
    const count = Number(counted?.['n'] ?? 0);
    const [table, parent] = [nameOf(key.child), nameOf(key.parent)];
    const known = found.get(JSON.stringify([table, parent]))?.count ?? 0;
    if (known + count > 0)
      found.set(JSON.stringify([table, parent]), { table, parent, count: known + count });
  }
  return [...found.values()].toSorted(
    (left, right) => compare(left.table, right.table) || compare(left.parent, right.parent),
  );
}

interface ForeignKey {
  readonly child: Relation;
  readonly parent: Relation;
  readonly columns: readonly Pair[];
  /** `f`: all columns of the key are filled, or none. */
  readonly match: string;
  /** Its last column is a period, which those of the parent's rows must cover together. */
  readonly period: boolean | null;
}

interface Relation {
  readonly schema: string;
  readonly name: string;
}

interface Pair {
  readonly child: string;
  readonly parent: string;
  readonly schema: string;
  readonly operator: string;
}

const nameOf = ({ schema, name }: Relation) => nameInSchema(schema, name);
const quoted = ({ schema, name }: Relation) => quoteQualified(schema, name);
const compare = (left: string, right: string) => (left < right ? -1 : Number(left > right));

function brokenBy({ child, parent, columns, match, period }: ForeignKey): string {
  const all = columns.map((pair) => `c.${quoteName(pair.child)}`);
  const filled = all.map((column) => `${column} IS NOT NULL`).join(' AND ');
  const lone = `NOT EXISTS (SELECT 1 FROM ${quoted(parent)} AS p WHERE ${columns.map(equal).join(' AND ')})`;
  const broken = period === true ? notCovered(parent, columns) : lone;
  const half = match === 'f' ? ` OR num_nulls(${all.join(', ')}) BETWEEN 1 AND ${columns.length - 1}` : '';
  return `SELECT count(*) AS n FROM ${quoted(child)} AS c WHERE (${filled} AND ${broken})${half}`;
}

const equal = ({ child, parent, schema, operator }: Pair) =>
  `p.${quoteName(parent)} OPERATOR(${quoteName(schema)}.${operator}) c.${quoteName(child)}`;

/** https://www.postgresql.org/docs/18/sql-createtable.html, REFERENCES with PERIOD. */
function notCovered(parent: Relation, columns: readonly Pair[]): string {
  const [last, others] = [columns.at(-1), columns.slice(0, -1)];
  const covered = `SELECT range_agg(p.${quoteName(last?.parent ?? '')}) FROM ${quoted(parent)} AS p WHERE ${others.map(equal).join(' AND ')}`;
  return `NOT coalesce(c.${quoteName(last?.child ?? '')} <@ (${covered}), false)`;
}

// As JSON, because the columns of PostgreSQL 18 are not there in older ones. A key NOT ENFORCED promises nothing.
const doubtfulKeys = `
WITH RECURSIVE member(root, oid) AS (
  SELECT oid, oid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0
  UNION ALL
  SELECT m.root, k.oid FROM pg_catalog.pg_constraint k JOIN member m ON k.conparentid = m.oid
)
SELECT json_build_object(
  'child', json_build_object('schema', cn.nspname, 'name', c.relname),
  'parent', json_build_object('schema', pn.nspname, 'name', p.relname),
  'match', k.confmatchtype,
  'period', to_jsonb(k) -> 'conperiod',
  'columns', (SELECT json_agg(json_build_object('child', ca.attname, 'parent', pa.attname, 'schema', opn.nspname, 'operator', op.oprname) ORDER BY at)
    FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS u(child, parent, operator, at)
    JOIN pg_catalog.pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child
    JOIN pg_catalog.pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent
    JOIN pg_catalog.pg_operator op ON op.oid = u.operator
    JOIN pg_catalog.pg_namespace opn ON opn.oid = op.oprnamespace))::text AS key
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND (to_jsonb(k) -> 'conenforced') IS DISTINCT FROM 'false'::jsonb
  AND c.relpersistence <> 't'
  AND EXISTS (SELECT 1 FROM member m JOIN pg_catalog.pg_constraint own ON own.oid = m.oid WHERE m.root = k.oid
    AND (NOT own.convalidated OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t WHERE t.tgconstraint = own.oid AND t.tgenabled IN ('D', 'R'))))
ORDER BY cn.nspname, c.relname, k.conname`;
