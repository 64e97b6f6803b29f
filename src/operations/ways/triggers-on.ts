import type { Schema, SchemaObject } from '../../schema/schema.ts';
import { sameName } from '../../sql/cursor.ts';

/** The triggers of a table: what they do to other tables when rows are written is not told from the statement. */
export function triggersOn({ objects }: Schema, table: string): readonly SchemaObject[] {
  return objects.filter((object) => object.type === 'trigger' && sameName(object.table, table));
}
