import type { SchemaObject } from './schema.ts';

/**
 * Compares two objects of SQLite by when they can be made: what stands on a table is made after it. Tables come in any
 * order, as SQLite looks for the table of a foreign key only when rows come.
 */
export function byMaking(a: SchemaObject, b: SchemaObject): number {
  return rankOf(a) - rankOf(b);
}

const rank: Readonly<Partial<Record<SchemaObject['type'], number>>> = {
  table: 0,
  view: 1,
  index: 2,
  trigger: 3,
};

function rankOf({ type }: SchemaObject): number {
  return rank[type] ?? Infinity;
}
