import type { Schema, SchemaObject } from './schema.ts';

/** An index of PostgreSQL whose building did not end: no query uses it, and nothing makes another like it. */
export function isInvalidIndex({ type, making }: SchemaObject): boolean {
  return type === 'index' && making?.length === 0;
}

/** What a copy of the database has of its schema, and what queries go by. */
export function withoutInvalid(schema: Schema): Schema {
  return schema.objects.some(isInvalidIndex)
    ? { ...schema, objects: schema.objects.filter((object) => !isInvalidIndex(object)) }
    : schema;
}
