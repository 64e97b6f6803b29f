import type { Query } from '../../../sql/statement.ts';
import { isSchemaOfUsers } from '../own-objects.ts';

/**
 * Statements that leave nothing of the users in a database: no schema but `public`, and in it and in schemas that hold
 * an extension's objects only these. What is a part of another object goes
 * with that; a partitioned table is a part of itself. Our lock stays.
 */
export async function emptyingStatements(query: Query): Promise<readonly string[]> {
  const rows = await query({
    sql: `WITH schemas AS (
        SELECT n.oid, n.nspname, n.nspname = 'public' OR EXISTS (
            SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e'
              AND e.classid = 'pg_catalog.pg_namespace'::regclass AND e.objid = n.oid
          ) OR EXISTS (
            SELECT FROM pg_catalog.pg_depend i JOIN pg_catalog.pg_depend e
              ON e.classid = i.classid AND e.objid = i.objid AND e.deptype = 'e'
            WHERE i.refclassid = 'pg_catalog.pg_namespace'::regclass AND i.refobjid = n.oid
          ) OR EXISTS (
            SELECT FROM pg_catalog.pg_extension x WHERE x.extnamespace = n.oid
          ) AS stays
        FROM pg_catalog.pg_namespace n WHERE ${isSchemaOfUsers('n')}
      ), inside AS (
        SELECT o.type, o.identity
        FROM schemas s
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::regclass
          AND d.refobjid = s.oid AND d.deptype = 'n'
        CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) AS o
        WHERE s.stays AND o.type <> 'default acl'
          AND NOT (d.classid = 'pg_catalog.pg_extension'::regclass)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
            WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i')
              AND (e.refclassid, e.refobjid) <> (e.classid, e.objid))
      )
      SELECT sql FROM (
        SELECT 0 AS place, format('DROP SCHEMA IF EXISTS %I CASCADE', nspname) AS sql FROM schemas WHERE NOT stays
        UNION ALL
        SELECT CASE WHEN type LIKE '%table' THEN 1 WHEN type LIKE '%view' THEN 2 ELSE 3 END,
          'DROP ' || CASE
              WHEN type IN ('function', 'procedure', 'aggregate') THEN 'ROUTINE'
              WHEN type = 'statistics object' THEN 'STATISTICS'
              ELSE upper(type) END || ' IF EXISTS ' || identity || ' CASCADE'
        FROM inside
      ) AS statements ORDER BY place, sql`,
  });
  return rows.map(({ sql }) => String(sql));
}

/** Statements that drop the extensions that no statement of a script makes; the server's own language stays. */
export async function missingExtensions(query: Query, script: readonly string[]): Promise<readonly string[]> {
  const rows = await query({
    sql: `SELECT extname AS name, format('DROP EXTENSION IF EXISTS %I CASCADE', extname) AS sql
      FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY extname`,
  });
  const made = script.filter((sql) => sql.startsWith('CREATE EXTENSION '));
  const isMade = (name: string) =>
    made.some((sql) => sql.includes(` ${name} `) || sql.includes(`"${name}"`) || sql.endsWith(` ${name}`));
  return rows.filter(({ name }) => !isMade(String(name))).map(({ sql }) => String(sql));
}
