import { ownSchema } from '../../sql/postgres/own-schema.ts';

/** A condition on a schema of `pg_namespace`: it is no part of the server itself, nor where our lock is. */
export function isSchemaOfUsers(namespace: string): string {
  return `${namespace}.nspname NOT IN ('information_schema', '${ownSchema}') AND ${namespace}.nspname NOT LIKE 'pg\\_%'`;
}

/**
 * A condition on a row of `pg_class` that is joined as `n` to its schema: it is nothing of the server or ours, and does
 * not come and go with an extension.
 */
export function isOfUsers(relation: string): string {
  return `${isSchemaOfUsers('n')} AND ${relation}.relpersistence <> 't'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass
      AND e.objid = ${relation}.oid AND e.deptype = 'e')`;
}
