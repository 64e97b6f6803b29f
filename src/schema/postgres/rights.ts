import { quoteText } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';
import { holders, kindOfDefault } from './access.ts';
import { askCatalogue } from './catalogue.ts';
import { publicationsText, publicationStatements, type PublicationRow } from './publications.ts';

/**
 * Owners, grants, publications and comments on extensions that are others than a new database's, as statements that
 * give them to objects which whoever runs these has just made. `readAccess` is about a server as it is; this is about
 * what a history did.
 *
 * @param runner the role that made the objects; it is written as CURRENT_USER unless `isNamed`
 */
export async function readRights(
  query: Query,
  runner: { readonly role: string; readonly isNamed: (role: string) => boolean },
): Promise<readonly string[]> {
  const found: Found = JSON.parse(await askCatalogue(query, texts));
  const sqlOf = ({ role, roleSql }: Role) => {
    if (role === null) return 'PUBLIC';
    return role === runner.role && !runner.isNamed(role) ? 'CURRENT_USER' : roleSql;
  };
  const forRole = (role: Role) => (sqlOf(role) === 'CURRENT_USER' ? '' : ` FOR ROLE ${sqlOf(role)}`);
  return [
    ...found.owners
      .filter(({ role }) => role !== runner.role)
      .map((row) => `ALTER ${row.kind} ${row.sql} OWNER TO ${sqlOf(row)}`),
    ...found.grants.flatMap((row) => changesOf(row, sqlOf(row), `ON ${row.kind} ${row.sql}`)),
    ...found.defaults.flatMap((row) => {
      const owner = forRole({ role: row.owner, roleSql: row.ownerSql });
      const where = row.schema === null ? '' : ` IN SCHEMA ${row.schema}`;
      const changes = changesOf(row, sqlOf(row), `ON ${row.kind}`);
      return changes.map((change) => `ALTER DEFAULT PRIVILEGES${owner}${where} ${change}`);
    }),
    ...found.publications.flatMap((row) => {
      const [, create = '', own = ''] = publicationStatements(row);
      return row.ownerName === runner.role ? [create] : [create, own];
    }),
    ...found.remarks.map(
      ({ kind, sql, text }) => `COMMENT ON ${kind} ${sql} IS ${text === null ? 'NULL' : quoteText(text)}`,
    ),
  ];
}

/**
 * All that there is for a kind of object is ALL: version 17 brought a right, and an older server does not know its name,
 * which is therefore only written where somebody asked for hardly more than that.
 */
function changesOf(row: Change, role: string, on: string): readonly string[] {
  const { how, privileges, all } = row;
  const rest = all.filter((one) => !privileges.includes(one));
  const isMost = privileges.length > 1 && rest.length < privileges.length;
  if (row.columns !== null || !isMost || (rest.length > 0 && !privileges.includes('MAINTAIN')))
    return [changeOf(row, privileges, role, on)];
  const opposite = how === 'grant' ? 'revoke' : 'grant';
  return [
    changeOf(row, ['ALL'], role, on),
    ...(rest.length === 0 ? [] : [changeOf({ ...row, how: opposite }, rest, role, on)]),
  ];
}

function changeOf(
  { how, columns, grantable }: Pick<Change, 'how' | 'columns' | 'grantable'>,
  privileges: readonly string[],
  role: string,
  on: string,
): string {
  const rights = columns === null ? privileges : privileges.map((one) => `${one} (${columns})`);
  return how === 'revoke'
    ? `REVOKE ${rights.join(', ')} ${on} FROM ${role}`
    : `GRANT ${rights.join(', ')} ${on} TO ${role}${grantable ? ' WITH GRANT OPTION' : ''}`;
}

type Change = Pick<GrantRow, 'how' | 'privileges' | 'all' | 'columns' | 'grantable'>;

interface Role {
  /** Null stands for everybody. */
  readonly role: string | null;
  readonly roleSql: string;
}

interface GrantRow extends Role {
  readonly how: 'revoke' | 'grant';
  readonly kind: string;
  readonly sql: string;
  readonly privileges: readonly string[];
  /** That there are for such an object. */
  readonly all: readonly string[];
  /** Of one column, quoted. */
  readonly columns: string | null;
  readonly grantable: boolean;
}

interface Found {
  readonly owners: readonly (Role & { readonly kind: string; readonly sql: string })[];
  readonly grants: readonly GrantRow[];
  readonly defaults: readonly (Omit<GrantRow, 'sql'> & {
    readonly owner: string;
    readonly ownerSql: string;
    readonly schema: string | null;
  })[];
  readonly publications: readonly (PublicationRow & { readonly ownerName: string })[];
  readonly remarks: readonly { readonly kind: string; readonly sql: string; readonly text: string | null }[];
}

const named = (oid: string) =>
  `(SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = ${oid}) AS role, ${oid}::regrole::text AS "roleSql"`;

/** What a new database's `public` is open to, which is more than a new schema is: https://www.postgresql.org/docs/current/catalog-pg-init-privs.html */
const usual = `CASE WHEN h.kind = 'SCHEMA' AND h.sql = 'public' THEN (SELECT i.initprivs FROM pg_catalog.pg_init_privs i
    WHERE i.classoid = 2615 AND i.objoid = 2200) END`;

const allOf = (kind: string, owner: string) => `(SELECT json_agg(DISTINCT a.privilege_type)
    FROM aclexplode(acldefault(${kind}, ${owner})) a WHERE a.grantee = ${owner})`;

/** Rights that are there and not usual are granted, those that are usual and not there revoked. */
const differing = (there: string, base: string) => `
  SELECT 1 AS place, 'grant' AS how, a.grantee, a.privilege_type, a.is_grantable FROM (
    SELECT grantee, privilege_type, is_grantable FROM aclexplode(${there})
    EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode(${base})) a
  UNION ALL SELECT 0, 'revoke', a.grantee, a.privilege_type, false FROM (
    SELECT grantee, privilege_type, is_grantable FROM aclexplode(${base})
    EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode(${there})) a`;

const texts = {
  publications: `SELECT p.*, (SELECT r.rolname FROM pg_catalog.pg_publication q JOIN pg_catalog.pg_roles r ON r.oid = q.pubowner
      WHERE quote_ident(q.pubname) = p.sql) AS "ownerName" FROM (${publicationsText}) p`,
  // An extension brings a comment of its own.
  remarks: `SELECT 'EXTENSION' AS kind, quote_ident(e.extname) AS sql, d.description AS text FROM pg_catalog.pg_extension e
      LEFT JOIN pg_catalog.pg_description d ON d.classoid = 3079 AND d.objoid = e.oid
      LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname WHERE d.description IS DISTINCT FROM a.comment
    UNION ALL SELECT 'PUBLICATION', quote_ident(p.pubname), d.description FROM pg_catalog.pg_publication p
      JOIN pg_catalog.pg_description d ON d.classoid = 6104 AND d.objoid = p.oid ORDER BY 1, 2`,
  // Whose `public` is differs from version to version.
  owners: `SELECT h.kind, h.sql, ${named('h.owner')} FROM (${holders}) h
    WHERE h.owned AND NOT (h.kind = 'SCHEMA' AND h.sql = 'public') ORDER BY 1, 2`,
  grants: `SELECT how, kind, sql, NULL AS columns, ${named('grantee')}, is_grantable AS grantable,
      json_agg(privilege_type ORDER BY privilege_type) AS privileges, ${allOf('class::"char"', 'owner')} AS all
    FROM (SELECT h."grantKind" AS kind, h.sql, h.class, h.owner, x.* FROM (${holders}) h CROSS JOIN LATERAL (${differing(
      'coalesce(h.acl, acldefault(h.class::"char", h.owner))',
      `coalesce(${usual}, acldefault(h.class::"char", h.owner))`,
    )}) x WHERE h.acl IS NOT NULL OR h.sql = 'public') g
    GROUP BY place, how, kind, sql, class, owner, grantee, is_grantable
    UNION ALL SELECT 'grant', 'TABLE', c.oid::regclass::text, quote_ident(a.attname), ${named('x.grantee')}, x.is_grantable,
      json_agg(x.privilege_type ORDER BY x.privilege_type), '[]'
    FROM relations c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL aclexplode(a.attacl) x WHERE a.attacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm')
    GROUP BY c.oid, a.attname, x.grantee, x.is_grantable ORDER BY 2, 3, 1 DESC, 4, 5, 7`,
  defaults: `SELECT how, kind, schema, NULL AS columns, owner::regrole::text AS "ownerSql",
      (SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = owner) AS owner, ${named('grantee')},
      is_grantable AS grantable, json_agg(privilege_type ORDER BY privilege_type) AS privileges, ${allOf('class', 'owner')} AS all
    FROM (SELECT ${kindOfDefault} AS kind, quote_ident(n.nspname) AS schema, d.defaclrole AS owner, x.*,
        CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END AS class
      FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
      CROSS JOIN LATERAL (${differing(
        'd.defaclacl',
        `CASE WHEN d.defaclnamespace = 0
          THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) END`,
      )}) x) g
    GROUP BY place, how, kind, class, schema, owner, grantee, is_grantable ORDER BY 6, 3, 2, 1 DESC, 7`,
} as const;
