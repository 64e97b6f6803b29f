import { foldName } from '../../sql/cursor.ts';
import { copyOf } from '../../sql/insertion.ts';
import { tableDefinition } from '../../sql/table-definition.ts';

/**
 * What a rebuilt table's columns were called before.
 *
 * @param before the old table's columns, by their names now in lower case
 * @param create the statement that makes the new table
 * @param copy the statement that fills it
 */
export function columnsAfterRebuild(
  before: ReadonlyMap<string, string | undefined>,
  create: string,
  copy: string | undefined,
): ReadonlyMap<string, string | undefined> {
  const definition = tableDefinition(create);
  if (!definition) return before;
  const made = definition.columns.map(({ name }) => foldName(name));
  const sources = copiedFrom(made, copy);
  // What the copy leaves out, or computes, is still compared with the column of that name.
  return new Map(made.map((column) => [column, before.get(sources.get(column) ?? column)]));
}

/** By new column: the old column whose values it gets; only where the copy takes them as they are. */
function copiedFrom(made: readonly string[], copy: string | undefined): ReadonlyMap<string, string> {
  const { columns = [], items = [] } = (copy === undefined ? undefined : copyOf(copy)) ?? {};
  const into = columns.length > 0 ? columns.map(foldName) : made;
  if (items.length !== into.length) return new Map();
  return new Map(
    items.flatMap((item, index) => {
      const target = into[index];
      return item.kind === 'column' && target !== undefined ? [[target, foldName(item.name)] as const] : [];
    }),
  );
}
