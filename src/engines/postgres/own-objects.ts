/** The table of our lock, which no copy holds: a restore plants its own. */
export const leaseTable = '__migrate_tui_lease';

/** A condition on a schema of `pg_namespace`: it is no part of the server itself. */
export function isSchemaOfUsers(namespace: string): string {
  return `${namespace}.nspname <> 'information_schema' AND ${namespace}.nspname NOT LIKE 'pg\\_%'`;
}

/** A condition on a row of `pg_class` that is joined as `n` to its schema: nothing of the server, of an extension or ours. */
export function isOfUsers(relation: string): string {
  return `${isSchemaOfUsers('n')} AND ${relation}.relpersistence <> 't' AND ${relation}.relname <> '${leaseTable}'
    AND ${isNotOfExtension('pg_class', `${relation}.oid`)}`;
}

/** Such an object comes and goes with its extension. */
export function isNotOfExtension(catalogue: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.${catalogue}'::regclass
    AND e.objid = ${oid} AND e.deptype = 'e')`;
}
