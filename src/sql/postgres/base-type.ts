/** The type of a row of `pg_attribute` as an SQL expression, below all domains: a domain may be made of another one. */
export function baseType(attribute: string): string {
  return `(WITH RECURSIVE below AS (
      SELECT ${attribute}.atttypid AS type, ${attribute}.atttypmod AS modifier, 0 AS depth
      UNION ALL
      SELECT t.typbasetype, t.typtypmod, below.depth + 1
      FROM below JOIN pg_catalog.pg_type t ON t.oid = below.type AND t.typtype = 'd'
    ) SELECT pg_catalog.format_type(type, modifier) FROM below ORDER BY depth DESC LIMIT 1)`;
}
