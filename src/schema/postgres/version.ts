import type { Query } from '../../sql/statement.ts';

/**
 * A text that is another one once anything in the catalogues that a project can change was written, also by the
 * transaction that asks: each version of a row has a place (ctid) and a writer (xmin) of its own. What is rolled back
 * may give its places out again.
 */
export async function readVersion(query: Query): Promise<string> {
  const [row] = await query({ sql: version });
  return String(row?.['version']);
}

// What is made by initdb has an oid below 16384, but for the schema public and its comment it is not a project's.
const ofProject = 'oid >= 16384';
const catalogues: Readonly<Record<string, string>> = {
  pg_namespace: 'true',
  pg_extension: ofProject,
  pg_collation: ofProject,
  pg_type: ofProject,
  pg_enum: 'true',
  pg_range: 'rngtypid >= 16384',
  pg_proc: ofProject,
  pg_aggregate: 'aggfnoid >= 16384',
  pg_class: ofProject,
  pg_attribute: 'attrelid >= 16384',
  pg_attrdef: 'true',
  pg_constraint: ofProject,
  pg_index: 'indexrelid >= 16384',
  pg_inherits: 'true',
  pg_partitioned_table: 'true',
  pg_sequence: 'true',
  pg_rewrite: ofProject,
  pg_trigger: 'true',
  pg_policy: 'true',
  pg_statistic_ext: 'true',
  pg_description: 'objoid >= 16384 OR classoid = 2615',
  pg_depend: `objid >= 16384 AND deptype IN ('a', 'e', 'i')`,
};

const version = `SELECT ${Object.entries(catalogues)
  .map(
    ([name, condition]) =>
      `(SELECT count(*) || '/' || coalesce(sum(hashtextextended(ctid::text || '.' || xmin::text, 0)), 0)
        FROM pg_catalog.${name} WHERE ${condition})`,
  )
  .join(" || ' ' ||\n    ")} AS version`;
