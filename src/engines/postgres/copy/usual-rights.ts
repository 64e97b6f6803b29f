import type { Query } from '../../../sql/statement.ts';
import { isSchemaOfUsers } from '../own-objects.ts';

/**
 * Statements that give what is in a database the rights that a new object has where nobody changed the default ones:
 * what a restore makes has got these too (`ALTER DEFAULT PRIVILEGES`), and would be open to more roles than it was.
 * `public` is not made by a restore.
 *
 * https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
 */
export async function usualRightsStatements(query: Query): Promise<readonly string[]> {
  const rows = await query({
    sql: `WITH changed AS MATERIALIZED (${changed})
      SELECT sql FROM (
        SELECT 0 AS place, format('REVOKE ALL ON %s %s FROM %s', c.kind, c.name, string_agg(DISTINCT ${grantee}, ', ')) AS sql
        FROM changed c CROSS JOIN LATERAL aclexplode(c.acl) a GROUP BY c.kind, c.name
        UNION ALL
        SELECT 1, format('GRANT %s ON %s %s TO %s', string_agg(DISTINCT a.privilege_type, ', '), c.kind, c.name, ${grantee})
        FROM changed c CROSS JOIN LATERAL aclexplode(acldefault(c.class::"char", c.owner)) a
        GROUP BY c.kind, c.name, a.grantee
      ) AS statements ORDER BY place, sql`,
  });
  return rows.map(({ sql }) => String(sql));
}

const grantee = `CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END`;

const isMember = (catalogue: string, oid: string) =>
  `EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = '${catalogue}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;

const changed = `
  SELECT CASE r.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, r.oid::regclass::text AS name,
    CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END AS class, r.relowner AS owner, r.relacl AS acl
  FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  WHERE r.relacl IS NOT NULL AND r.relkind IN ('r', 'p', 'v', 'm', 'S') AND ${isSchemaOfUsers('n')}
    AND NOT ${isMember('pg_catalog.pg_class', 'r.oid')}
  UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, 'f', p.proowner, p.proacl
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE p.proacl IS NOT NULL AND ${isSchemaOfUsers('n')} AND NOT ${isMember('pg_catalog.pg_proc', 'p.oid')}
  UNION ALL SELECT 'TYPE', t.oid::regtype::text, 'T', t.typowner, t.typacl
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typacl IS NOT NULL AND t.typtype IN ('e', 'd', 'r', 'c') AND ${isSchemaOfUsers('n')}
    AND NOT ${isMember('pg_catalog.pg_type', 't.oid')}
  UNION ALL SELECT 'SCHEMA', quote_ident(n.nspname), 'n', n.nspowner, n.nspacl
  FROM pg_catalog.pg_namespace n
  WHERE n.nspacl IS NOT NULL AND n.nspname <> 'public' AND ${isSchemaOfUsers('n')}
    AND pg_has_role(n.nspowner, 'USAGE') AND NOT ${isMember('pg_catalog.pg_namespace', 'n.oid')}`;
