import type { DumpScript } from '../../engines/postgres/dump-file.ts';
import { leaseSchema } from '../../bookkeeping/lease-postgres.ts';
import { readCatalogue } from '../../schema/postgres/catalogue.ts';
import { schemaOf } from '../../schema/postgres/read.ts';
import { schemaStatements } from '../../schema/postgres/statements.ts';
import type { SchemaObject } from '../../schema/schema.ts';
import type { Query } from '../../sql/statement.ts';

/** The statements that make a database again but for its rows: with its tracking table, and without our lock. */
export async function describeDatabase(query: Query): Promise<DumpScript> {
  const { objects } = schemaOf(await readCatalogue(query));
  const script = schemaStatements({ objects: objects.filter((object) => !isOfLock(object)) });
  return { ...script, rights: [] };
}

function isOfLock({ name, table }: SchemaObject): boolean {
  return [name, table].some((one) => one === leaseSchema || one.startsWith(`${leaseSchema}.`));
}
