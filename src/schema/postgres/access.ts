import type { Query } from '../../sql/statement.ts';
import { askCatalogue } from './catalogue.ts';
import { publicationsText, publicationStatements, type PublicationRow } from './publications.ts';

/**
 * Owners, grants and publications as statements. They are no part of a schema's meaning, as roles belong to a server; who makes a
 * database again in its place has to give them back.
 */
export async function readAccess(query: Query): Promise<readonly string[]> {
  const found: Found = JSON.parse(await askCatalogue(query, texts));
  return [
    ...found.holders.flatMap(({ kind, sql, owner }) => [`ALTER ${kind} ${sql} OWNER TO ${owner}`]),
    ...found.cleared.map(({ kind, sql, grantee }) => `REVOKE ALL ON ${kind} ${sql} FROM ${grantee}`),
    ...found.grants.map(
      ({ kind, sql, privilege, columns, grantee, grantable }) =>
        `GRANT ${privilege}${columns === null ? '' : ` (${columns})`} ON ${kind} ${sql} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`,
    ),
    ...found.usual.map(
      ({ role, kind, grantee }) =>
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE ALL ON ${kind} FROM ${grantee}`,
    ),
    ...found.defaults.map(
      ({ role, schema, privilege, kind, grantee, grantable }) =>
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${role}${schema === null ? '' : ` IN SCHEMA ${schema}`} GRANT ${privilege} ON ${kind} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`,
    ),
    ...found.publications.flatMap(publicationStatements),
  ];
}

interface Found {
  readonly publications: readonly PublicationRow[];
  readonly holders: readonly { readonly kind: string; readonly sql: string; readonly owner: string }[];
  readonly cleared: readonly { readonly kind: string; readonly sql: string; readonly grantee: string }[];
  readonly grants: readonly {
    readonly kind: string;
    readonly sql: string;
    readonly privilege: string;
    readonly columns: string | null;
    readonly grantee: string;
    readonly grantable: boolean;
  }[];
  /** Default privileges that are told whole: those of a schema only add to them. */
  readonly usual: readonly { readonly role: string; readonly kind: string; readonly grantee: string }[];
  readonly defaults: readonly {
    readonly role: string;
    readonly schema: string | null;
    readonly privilege: string;
    readonly kind: string;
    readonly grantee: string;
    readonly grantable: boolean;
  }[];
}

const isMember = (catalogue: number, oid: string) =>
  `EXISTS (SELECT FROM members m WHERE m.classid = ${catalogue} AND m.objid = ${oid})`;

/** Everything that has an owner, and its grants: `acl` is NULL where they are the usual ones. */
export const holders = `
  SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind,
    CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS "grantKind", CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS class,
    c.oid::regclass::text AS sql, c.relowner AS owner, c.relacl AS acl,
    NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) AS owned
  FROM relations c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL SELECT 'SCHEMA', 'SCHEMA', 'n', quote_ident(s.nspname), n.nspowner, n.nspacl, true
  FROM spaces s JOIN pg_catalog.pg_namespace n ON n.oid = s.oid WHERE NOT ${isMember(2615, 's.oid')}
  UNION ALL SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END,
    CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, 'f', p.oid::regprocedure::text, p.proowner, p.proacl, true
  FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace WHERE NOT ${isMember(1255, 'p.oid')}
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype = 'i')
  UNION ALL SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
    'T', t.oid::regtype::text, t.typowner, t.typacl, true
  FROM pg_catalog.pg_type t JOIN spaces s ON s.oid = t.typnamespace WHERE NOT ${isMember(1247, 't.oid')}
    AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND EXISTS (SELECT FROM relations r WHERE r.oid = t.typrelid AND r.relkind = 'c'))`;

const grantee = (oid: string) => `CASE WHEN ${oid} = 0 THEN 'PUBLIC' ELSE ${oid}::regrole::text END`;

export const kindOfDefault = `CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
  WHEN 'T' THEN 'TYPES' WHEN 'L' THEN 'LARGE OBJECTS' ELSE 'SCHEMAS' END`;

const texts = {
  publications: publicationsText,
  holders: `SELECT h.kind, h.sql, h.owner::regrole::text AS owner FROM (${holders}) h WHERE h.owned ORDER BY 1, 2`,
  // What the usual grants give and these do not: only the owner's and everybody's are usual.
  cleared: `SELECT h."grantKind" AS kind, h.sql, ${grantee('u.grantee')} AS grantee FROM (${holders}) h
    CROSS JOIN LATERAL (SELECT DISTINCT a.grantee FROM aclexplode(acldefault(h.class::"char", h.owner)) a) u
    WHERE h.acl IS NOT NULL ORDER BY 1, 2, 3`,
  grants: `SELECT h."grantKind" AS kind, h.sql, a.privilege_type AS privilege, NULL AS columns, ${grantee('a.grantee')} AS grantee,
      a.is_grantable AS grantable
    FROM (${holders}) h CROSS JOIN LATERAL aclexplode(h.acl) a WHERE h.acl IS NOT NULL
    UNION ALL SELECT 'TABLE', c.oid::regclass::text, x.privilege_type, quote_ident(a.attname), ${grantee('x.grantee')}, x.is_grantable
    FROM relations c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL aclexplode(a.attacl) x WHERE a.attacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1, 2, 4, 5, 3`,
  usual: `SELECT d.defaclrole::regrole::text AS role, ${kindOfDefault} AS kind, ${grantee('u.grantee')} AS grantee
    FROM pg_catalog.pg_default_acl d CROSS JOIN LATERAL (SELECT DISTINCT a.grantee
      FROM aclexplode(acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)) a) u
    WHERE d.defaclnamespace = 0 ORDER BY 1, 2, 3`,
  defaults: `SELECT d.defaclrole::regrole::text AS role, quote_ident(n.nspname) AS schema, a.privilege_type AS privilege,
      ${kindOfDefault} AS kind,
      ${grantee('a.grantee')} AS grantee, a.is_grantable AS grantable
    FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
      CROSS JOIN LATERAL aclexplode(d.defaclacl) a ORDER BY 1, 2, 4, 5, 3`,
} as const;
