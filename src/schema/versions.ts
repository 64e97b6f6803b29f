import { foldName } from '../sql/cursor.ts';
import type { Schema, SchemaObject } from './schema.ts';

/** A schema as what is another one in it than in the one before: thousands of them share what they have in common. */
export interface SchemaVersion {
  readonly before?: SchemaVersion;
  /** By `keyOf`; undefined: it is gone. */
  readonly objects: ReadonlyMap<string, SchemaObject | undefined>;
}

/** What an object is told from all others by. PostgreSQL tells `Users` from `users`, SQLite does not. */
export function keyOf({ type, name, making }: SchemaObject): string {
  return `${type} ${making ? name : foldName(name)}`;
}

/** The schema whole; the same object when it is asked for again. */
export function schemaAt(version: SchemaVersion): Schema {
  const known = wholes.get(version);
  if (known) return known;
  const objects = new Map<string, SchemaObject | undefined>();
  for (let at: SchemaVersion | undefined = version; at; at = at.before) {
    for (const [key, object] of at.objects) if (!objects.has(key)) objects.set(key, object);
  }
  const schema = { objects: [...objects.values()].filter((object) => object !== undefined).sort(inOrder) };
  wholes.set(version, schema);
  return schema;
}

const wholes = new WeakMap<SchemaVersion, Schema>();

/** As a schema that is read has them. */
function inOrder(left: SchemaObject, right: SchemaObject): number {
  const [one, other] = [keyOf(left), keyOf(right)];
  return one < other ? -1 : one > other ? 1 : 0;
}
