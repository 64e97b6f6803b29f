/**
 * `pg_depend` as servers from 15 on keep it, to be put in parentheses behind FROM. Before, what the expression of a
 * generated column needs stands at the column instead of at the expression, which is an object of its own.
 */
export const dependencies = `SELECT CASE WHEN x.oid IS NULL THEN p.classid ELSE 2604 END AS classid, coalesce(x.oid, p.objid) AS objid,
    CASE WHEN x.oid IS NULL THEN p.objsubid ELSE 0 END AS objsubid, p.refclassid, p.refobjid, p.refobjsubid, p.deptype
  FROM pg_catalog.pg_depend p
    LEFT JOIN pg_catalog.pg_attribute g
      ON p.classid = 1259 AND p.deptype = 'a' AND g.attrelid = p.objid AND g.attnum = p.objsubid AND g.attgenerated <> ''
    LEFT JOIN pg_catalog.pg_attrdef x ON x.adrelid = g.attrelid AND x.adnum = g.attnum`;
