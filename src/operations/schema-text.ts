import type { Schema, SchemaObject } from '../schema/schema.ts';

/**
 * A schema as one SQL text that loads into an empty database, the same for equal schemas: it can be committed and
 * compared line by line in a pull request.
 */
export function schemaText({ objects }: Schema): string {
  const sorted = objects.toSorted((a, b) => rank[a.type] - rank[b.type] || compare(a, b));
  return sorted.map(({ display }) => `${display};\n`).join('\n');
}

// What stands on a table is made after it; SQLite looks for the table of a foreign key only when rows come.
const rank: Readonly<Record<SchemaObject['type'], number>> = { table: 0, view: 1, index: 2, trigger: 3 };

function compare(a: SchemaObject, b: SchemaObject): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
