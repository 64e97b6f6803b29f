import { byMaking } from '../../schema/making-order.ts';
import { schemaStatements } from '../../schema/postgres/statements.ts';
import type { Schema, SchemaObject } from '../../schema/schema.ts';

/**
 * A schema as one SQL text that loads into an empty database, the same for equal schemas: it can be committed and
 * compared line by line in a pull request.
 */
export function schemaText(schema: Schema): string {
  const { objects } = schema;
  if (objects.some(({ making }) => making)) return scriptText(schema);
  const sorted = objects.toSorted((a, b) => byMaking(a, b) || byName(a, b));
  return sorted.map(({ display }) => `${display};\n`).join('\n');
}

/** PostgreSQL wants everything in its place: what is needed first, and names looked for in `public` alone. */
function scriptText(schema: Schema): string {
  const { settings, beforeRows, afterRows } = schemaStatements(schema);
  // For the session that loads it: a transaction is that one's to begin.
  const ofSession = settings.map((sql) => sql.replace(/^SET LOCAL /, 'SET '));
  const statements = [...ofSession, ...beforeRows, ...afterRows];
  return statements.map((sql) => `${sql};\n`).join('\n');
}

function byName(a: SchemaObject, b: SchemaObject): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
