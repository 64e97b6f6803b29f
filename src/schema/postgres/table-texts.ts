/**
 * What is asked about relations and what stands on them, by the name of its rows in `CatalogueRows`. Numbers of
 * catalogues (1259 is pg_class) are the same in every server.
 */
export const tableTexts = {
  tables: `SELECT c.oid, c.nspname AS schema, c.relname AS name, c.oid::regclass::text AS sql, c.relkind AS kind,
      c.relpersistence = 'u' AS unlogged, c.relispartition AS "isPartition", c.reltype AS "rowType",
      t.typarray AS "arrayType", c.reloptions AS options, toast.reloptions AS "toastOptions",
      c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS "forceRowSecurity", c.relreplident AS identity,
      CASE WHEN c.relam <> 2 THEN (SELECT quote_ident(amname) FROM pg_catalog.pg_am a WHERE a.oid = c.relam) END AS method,
      CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partitionKey",
      pg_get_expr(c.relpartbound, c.oid) AS bound,
      CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS "ofType",
      (SELECT json_agg(json_build_array(i.inhparent, i.inhparent::regclass::text) ORDER BY i.inhseqno)
        FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) AS parents
    FROM relations c JOIN pg_catalog.pg_type t ON t.oid = c.reltype
      LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
    WHERE c.relkind IN ('r', 'p')`,
  columns: `SELECT a.attrelid AS "table", a.attnum AS number, a.attname AS name, quote_ident(a.attname) AS sql,
      format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull", d.oid AS "defaultOid",
      pg_get_expr(d.adbin, d.adrelid) AS default, a.attgenerated AS generated, a.attidentity AS identity,
      CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
      CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage, a.attcompression AS compression,
      nullif(a.attstattarget, -1) AS statistics, a.attoptions AS options, a.attislocal AS "isLocal",
      a.attinhcount > 0 AS "isInherited", k.oid AS "notNullOid", NOT k.conislocal AS "isNotNullInherited",
      CASE WHEN k.conname <> c.relname || '_' || a.attname || '_not_null' THEN quote_ident(k.conname) END AS "notNullName"
    FROM relations c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]
    WHERE c.relkind IN ('r', 'p', 'c') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum`,
  constraints: `SELECT k.oid, k.conrelid AS "table", k.conname AS name, quote_ident(k.conname) AS sql, k.contype AS kind,
      pg_get_constraintdef(k.oid) AS definition, k.convalidated AS valid, k.conislocal AS "isLocal",
      k.connoinherit AS "noInherit", k.conparentid <> 0 AS "isOfParent", k.conindid AS index, k.confdeltype AS "onDelete",
      k.conkey AS columns, n.nspname AS "parentSchema", r.relname AS parent
    FROM pg_catalog.pg_constraint k JOIN relations c ON c.oid = k.conrelid
      LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    WHERE k.contype IN ('p', 'u', 'x', 'f', 'c') OR k.contype = 'n' AND (k.connoinherit OR NOT k.convalidated)`,
  indexes: `SELECT i.indexrelid AS oid, i.indrelid AS "table", c.nspname AS schema, c.relname AS name,
      c.oid::regclass::text AS sql, pg_get_indexdef(i.indexrelid) AS definition, i.indisvalid AS valid,
      i.indisclustered AS clustered, i.indisreplident AS "isIdentity", k.oid AS "constraint", h.inhparent AS parent, t.statistics
    FROM pg_catalog.pg_index i JOIN relations c ON c.oid = i.indexrelid
      LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
      LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
      LEFT JOIN (SELECT a.attrelid, json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum) AS statistics
        FROM pg_catalog.pg_attribute a WHERE a.attstattarget > -1 GROUP BY a.attrelid) t ON t.attrelid = i.indexrelid
    WHERE c.relkind IN ('i', 'I')`,
  views: `SELECT c.oid, c.nspname AS schema, c.relname AS name, c.oid::regclass::text AS sql, c.relkind = 'm' AS "holdsRows",
      c.relispopulated AS populated, c.reltype AS "rowType", t.typarray AS "arrayType", c.reloptions AS options,
      pg_get_viewdef(c.oid) AS definition,
      (SELECT r.oid FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename = '_RETURN') AS rule,
      (SELECT json_agg(json_build_array(quote_ident(a.attname), pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
        FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = c.oid) AS defaults,
      (SELECT json_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
          nullif(a.attcollation, 0)::regcollation) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
    FROM relations c JOIN pg_catalog.pg_type t ON t.oid = c.reltype WHERE c.relkind IN ('v', 'm')`,
  sequences: `SELECT c.oid, c.nspname AS schema, c.relname AS name, c.oid::regclass::text AS sql,
      format_type(q.seqtypid, NULL) AS type, q.seqstart::text AS start, q.seqincrement::text AS increment,
      q.seqmin::text AS least, q.seqmax::text AS most, q.seqcache::text AS cache, q.seqcycle AS cycle,
      c.relpersistence = 'u' AS unlogged, d.deptype = 'i' AS "isIdentity", d.refobjid AS "ownerTable",
      a.attname AS "ownerColumn", d.refobjid::regclass::text || '.' || quote_ident(a.attname) AS owner
    FROM relations c JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
      LEFT JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259
        AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid`,
  triggers: `SELECT t.oid, t.tgrelid AS "table", t.tgname AS name, quote_ident(t.tgname) AS sql,
      pg_get_triggerdef(t.oid) AS definition, t.tgenabled AS enabled, p.oid AS parent
    FROM pg_catalog.pg_trigger t JOIN relations c ON c.oid = t.tgrelid
      LEFT JOIN pg_catalog.pg_trigger p ON p.oid = t.tgparentid
    WHERE CASE WHEN p.oid IS NULL THEN NOT t.tgisinternal ELSE NOT p.tgisinternal AND t.tgenabled <> p.tgenabled END`,
  rules: `SELECT r.oid, r.ev_class AS "table", r.rulename AS name, quote_ident(r.rulename) AS sql,
      pg_get_ruledef(r.oid) AS definition, r.ev_enabled AS enabled
    FROM pg_catalog.pg_rewrite r JOIN relations c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'`,
  policies: `SELECT p.oid, p.polrelid AS "table", p.polname AS name, quote_ident(p.polname) AS sql,
      p.polpermissive AS permissive, p.polcmd AS command, pg_get_expr(p.polqual, p.polrelid) AS using,
      pg_get_expr(p.polwithcheck, p.polrelid) AS "check",
      (SELECT json_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE r::regrole::text END) FROM unnest(p.polroles) r) AS roles
    FROM pg_catalog.pg_policy p JOIN relations c ON c.oid = p.polrelid`,
  statistics: `SELECT s.oid, s.stxrelid AS "table", n.nspname AS schema, s.stxname AS name,
      quote_ident(n.nspname) || '.' || quote_ident(s.stxname) AS sql,
      pg_get_statisticsobjdef(s.oid) AS definition, nullif(s.stxstattarget, -1) AS target
    FROM pg_catalog.pg_statistic_ext s JOIN relations c ON c.oid = s.stxrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace`,
} as const;
