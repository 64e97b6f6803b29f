import type { Query } from '../../sql/statement.ts';
import type { Schema } from '../schema.ts';
import { readAccess } from './access.ts';
import { readCatalogue } from './catalogue.ts';
import type { CatalogueRows } from './catalogue-rows.ts';
import { withoutLease } from './left-out.ts';
import { schemaOf } from './read.ts';
import { schemaStatements, type SchemaScript } from './statements.ts';

/** All that makes a database again but for its rows, with bookkeeping; whoever makes it again has a lease of its own. */
export interface DatabaseScript extends SchemaScript {
  /** Owners, grants and publications, which are about a server: for the same server, after everything else. */
  readonly access: readonly string[];
  /** What is there and is not made again, for people: `event trigger noted`, `operator ===`; empty for most databases. */
  readonly leftOut: readonly string[];
}

/** Reads the script of a whole database. Two statements: one moment only where the query's transaction is one. */
export async function readScript(query: Query): Promise<DatabaseScript> {
  const rows = withoutLease(await readCatalogue(query));
  const access = await readAccess(query);
  const schema = schemaOf(rows);
  return {
    ...schemaStatements(schema),
    access,
    leftOut: leftOutOf(schema, rows),
  };
}

function leftOutOf({ objects }: Schema, rows: CatalogueRows): readonly string[] {
  const unmade = objects.filter(({ making }) => making?.length === 0);
  return [
    ...unmade.map(({ type, name }) => `${type} ${name}, which is not valid`),
    ...rows.others.map(({ name }) => name),
  ];
}
