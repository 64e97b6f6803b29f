import { dependencies } from './dependencies.ts';

const isMember = (catalogue: number, oid: string) =>
  `EXISTS (SELECT FROM members m WHERE m.classid = ${catalogue} AND m.objid = ${oid})`;

/** What is asked about everything that is no relation, by the name of its rows in `CatalogueRows`. */
export const objectTexts = {
  version: `SELECT current_setting('server_version_num')::int AS number`,
  schemas: `SELECT s.oid, s.nspname AS name, quote_ident(s.nspname) AS sql, ${isMember(2615, 's.oid')} AS "isMember"
    FROM spaces s`,
  extensions: `SELECT e.oid, e.extname AS name, quote_ident(e.extname) AS sql, n.nspname AS schema,
      quote_ident(n.nspname) AS "schemaSql", n.oid AS "schemaOid", ${isMember(2615, 'n.oid')} AS "isOwnSchema"
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname <> 'plpgsql'`,
  collations: `SELECT c.oid, s.nspname AS schema, c.collname AS name, c.oid::regcollation::text AS sql, to_jsonb(c) AS row
    FROM pg_catalog.pg_collation c JOIN spaces s ON s.oid = c.collnamespace WHERE NOT ${isMember(3456, 'c.oid')}`,
  types: `SELECT t.oid, s.nspname AS schema, t.typname AS name, t.oid::regtype::text AS sql, t.typtype AS kind,
      t.typarray AS "arrayType", t.typrelid AS relation, t.typnotnull AS "notNull", t.typdefault AS default,
      format_type(t.typbasetype, t.typtypmod) AS base,
      CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END AS collation,
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels,
      (SELECT json_agg(json_build_object('oid', k.oid, 'name', k.conname, 'sql', quote_ident(k.conname),
          'definition', pg_get_constraintdef(k.oid), 'valid', k.convalidated))
        FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks,
      (SELECT json_build_object('subtype', r.rngsubtype::regtype::text,
          'opclass', (SELECT n.nspname || '.' || quote_ident(o.opcname) FROM pg_catalog.pg_opclass o
            JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
          'collation', (SELECT r.rngcollation::regcollation::text FROM pg_catalog.pg_type p
            WHERE p.oid = r.rngsubtype AND p.typcollation <> r.rngcollation),
          'difference', nullif(r.rngsubdiff, 0)::regproc::text, 'canonical', nullif(r.rngcanonical, 0)::regproc::text,
          'multirange', (SELECT quote_ident(m.typname) FROM pg_catalog.pg_type m WHERE m.oid = r.rngmultitypid),
          'multirangeSql', r.rngmultitypid::regtype::text, 'multirangeType', r.rngmultitypid, 'multirangeArray', (SELECT m.typarray FROM pg_catalog.pg_type m WHERE m.oid = r.rngmultitypid))
        FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid) AS range
    FROM pg_catalog.pg_type t JOIN spaces s ON s.oid = t.typnamespace LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
      LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
      AND NOT ${isMember(1247, 't.oid')}`,
  functions: `SELECT p.oid, s.nspname AS schema, p.proname AS name, p.oid::regprocedure::text AS sql, p.prokind AS kind,
      pg_get_function_identity_arguments(p.oid) AS arguments,
      pg_get_function_arguments(p.oid) || ' ' || coalesce(pg_get_function_result(p.oid), '') AS signature,
      CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition,
      CASE WHEN a.aggfnoid IS NOT NULL THEN to_jsonb(a) || jsonb_build_object('sfunc', a.aggtransfn::regproc,
          'stype', format_type(a.aggtranstype, NULL),
          'finalfunc', nullif(a.aggfinalfn::oid, 0)::regproc, 'combinefunc', nullif(a.aggcombinefn::oid, 0)::regproc,
          'serialfunc', nullif(a.aggserialfn::oid, 0)::regproc, 'deserialfunc', nullif(a.aggdeserialfn::oid, 0)::regproc,
          'msfunc', nullif(a.aggmtransfn::oid, 0)::regproc, 'minvfunc', nullif(a.aggminvtransfn::oid, 0)::regproc,
          'mstype', CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
          'mfinalfunc', nullif(a.aggmfinalfn::oid, 0)::regproc,
          'sortop', 'OPERATOR(' || n.nspname || '.' || o.oprname || ')', 'parallel', p.proparallel) END AS aggregate
    FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
      LEFT JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid
      LEFT JOIN pg_catalog.pg_operator o ON o.oid = a.aggsortop
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    WHERE NOT ${isMember(1255, 'p.oid')}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype = 'i')`,
  comments: `SELECT d.classoid AS catalogue, d.objoid AS oid, d.objsubid AS "column", i.type, i.identity, d.description AS text
    FROM pg_catalog.pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    WHERE (d.objoid >= 16384 OR d.objoid = 2200 AND d.classoid = 2615) AND d.classoid <> 3079
      AND NOT EXISTS (SELECT FROM members m WHERE m.classid = d.classoid AND m.objid = d.objoid)`,
  needs: `SELECT DISTINCT d.classid || ':' || d.objid AS of, d.refclassid || ':' || d.refobjid AS needs
    FROM (${dependencies}) d WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a')
      AND d.refclassid <> 2615 AND NOT (d.refclassid = 1259 AND d.classid IN (1259, 2606, 2620, 3381, 3256))`,
  uses: `SELECT DISTINCT d.classid || ':' || d.objid AS of, d.refobjid AS relation, d.refobjsubid AS "column"
    FROM (${dependencies}) d WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.refclassid = 1259
      AND d.deptype IN ('n', 'a')`,
  columnNeeds: `SELECT d.objid AS relation, d.objsubid AS "column", d.refclassid || ':' || d.refobjid AS needs
    FROM pg_catalog.pg_depend d WHERE d.classid = 1259 AND d.objsubid > 0 AND d.refclassid IN (1247, 3456)
      AND d.refobjid >= 16384`,
  others: `SELECT i.type || ' ' || i.identity AS name FROM (
      SELECT 1259 AS class, c.oid FROM relations c WHERE c.relkind = 'f'
      UNION ALL SELECT 1247, t.oid FROM pg_catalog.pg_type t JOIN spaces s ON s.oid = t.typnamespace
        WHERE t.typtype = 'b' AND t.typcategory <> 'A'
      UNION ALL SELECT 2617, o.oid FROM pg_catalog.pg_operator o
      UNION ALL SELECT 2616, o.oid FROM pg_catalog.pg_opclass o
      UNION ALL SELECT 2753, o.oid FROM pg_catalog.pg_opfamily o
      UNION ALL SELECT 2605, o.oid FROM pg_catalog.pg_cast o WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 2605 AND d.objid = o.oid AND d.deptype = 'i')
      UNION ALL SELECT 2607, o.oid FROM pg_catalog.pg_conversion o
      UNION ALL SELECT 3602, o.oid FROM pg_catalog.pg_ts_config o
      UNION ALL SELECT 3600, o.oid FROM pg_catalog.pg_ts_dict o
      UNION ALL SELECT 3601, o.oid FROM pg_catalog.pg_ts_parser o
      UNION ALL SELECT 3764, o.oid FROM pg_catalog.pg_ts_template o
      UNION ALL SELECT 2328, o.oid FROM pg_catalog.pg_foreign_data_wrapper o
      UNION ALL SELECT 1417, o.oid FROM pg_catalog.pg_foreign_server o
      UNION ALL SELECT 3466, o.oid FROM pg_catalog.pg_event_trigger o
      UNION ALL SELECT 2612, o.oid FROM pg_catalog.pg_language o
      UNION ALL SELECT 2601, o.oid FROM pg_catalog.pg_am o
      UNION ALL SELECT 3576, o.oid FROM pg_catalog.pg_transform o
    ) o, pg_identify_object(o.class, o.oid, 0) i
    WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM members m WHERE m.classid = o.class AND m.objid = o.oid) ORDER BY 1`,
} as const;
