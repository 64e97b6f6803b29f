import { foldName } from '../../sql/cursor.ts';
import type { Query } from '../../sql/statement.ts';
import type { Schema, SchemaObject } from '../schema.ts';
import {
  collationObjects,
  commentObjects,
  extensionObjects,
  schemaObjects,
  statisticsObjects,
} from './around.ts';
import { readCatalogue } from './catalogue.ts';
import type { CatalogueRows } from './catalogue-rows.ts';
import { functionObjects } from './function-objects.ts';
import { indexObjects } from './index-objects.ts';
import { withoutOurs } from './left-out.ts';
import { objectsOnRelations } from './on-relations.ts';
import { readingOf } from './reading.ts';
import { sequenceObjects } from './sequence-objects.ts';
import { tableObjects } from './table.ts';
import { typeObjects } from './type-objects.ts';
import { readVersion } from './version.ts';
import { viewObjects } from './view.ts';

/**
 * Reads a PostgreSQL schema into normal form, with one query.
 *
 * @param bookkeeping configured tracking tables, with their schema or without it
 */
export async function readPostgresSchema(query: Query, bookkeeping: readonly string[]): Promise<Schema> {
  return schemaOf(withoutOurs(await readCatalogue(query), bookkeeping));
}

/** The tables and views of these names, as people call them, with what stands on them. */
export async function readPostgresObjects(
  query: Query,
  names: readonly string[],
  bookkeeping: readonly string[],
): Promise<readonly SchemaObject[]> {
  const wanted = new Set(names.map(foldName));
  const { objects } = await readPostgresSchema(query, bookkeeping);
  return objects.filter(({ table }) => wanted.has(foldName(table)));
}

/** Reads again only when a row of the catalogues was written since: every change of a schema writes some. */
export function postgresReader(query: Query, bookkeeping: readonly string[]): { read(): Promise<Schema> } {
  let last: { readonly version: string; readonly schema: Schema } | undefined;
  return {
    read: async () => {
      const version = await readVersion(query);
      if (last?.version !== version) last = { version, schema: await readPostgresSchema(query, bookkeeping) };
      return last.schema;
    },
  };
}

/** All objects of what was read, in the order of `Schema.objects`. */
export function schemaOf(rows: CatalogueRows): Schema {
  const reading = readingOf(rows);
  const objects = [
    ...schemaObjects(reading),
    ...extensionObjects(reading),
    ...collationObjects(reading),
    ...typeObjects(reading),
    ...sequenceObjects(reading),
    ...functionObjects(reading),
    ...tableObjects(reading),
    ...indexObjects(reading),
    ...viewObjects(reading),
    ...objectsOnRelations(reading),
    ...statisticsObjects(reading),
  ];
  const ids = new Set(objects.flatMap(({ making = [] }) => making.flatMap(({ ids }) => ids)));
  return { objects: [...objects, ...commentObjects(reading, ids)].sort(inOrder) };
}

/** By code units, not as the server's collation has it. */
function inOrder(left: SchemaObject, right: SchemaObject): number {
  const [one, other] = [`${left.type} ${left.name}`, `${right.type} ${right.name}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
