/**
 * The tables of a database as a table expression with the column `name`, for a PRAGMA that is asked about each of them.
 * D1 refuses the whole question when it comes to a table of Cloudflare's own, so these are left out before it does.
 *
 * @param condition on `sqlite_schema`, an SQL expression
 */
export function tablesToLookInto(condition = '1'): string {
  return `(SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 4) <> '_cf_' AND ${condition})`;
}
