import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { compareSchemas } from '../../schema/compare.ts';
import { readSchema } from '../../schema/read.ts';
import type { Schema } from '../../schema/schema.ts';
import { foldName } from '../../sql/cursor.ts';

/**
 * Refuses to put rows into tables that are not what they were when the rows were backed up.
 *
 * @throws MigrateError `refused`, naming the tables and what differs first
 */
export async function refuseOtherShape(
  live: Pick<Engine, 'query' | 'location'>,
  copy: Pick<Engine, 'query'>,
  {
    tables,
    bookkeeping,
    backup,
  }: { readonly tables: readonly string[]; readonly bookkeeping: string; readonly backup: string },
): Promise<void> {
  const options = { bookkeeping: [bookkeeping] };
  const before = onlyTables(await readSchema(copy.query, options), tables);
  const now = onlyTables(await readSchema(live.query, options), tables);
  const [first, ...others] = compareSchemas(before, now);
  if (!first) return;
  const names = [first, ...others].map(({ name }) => name).join(', ');
  throw new MigrateError(
    'refused',
    `${names} ${others.length === 0 ? 'is' : 'are'} not the same in ${live.location} as in ${backup}: ${firstDifference(first.left, first.right)}. Nothing was changed.`,
    {
      next: `Restore ${backup} whole, or copy the rows by hand into the columns that there are now.`,
    },
  );
}

function onlyTables({ objects }: Schema, tables: readonly string[]): Schema {
  const wanted = new Set(tables.map(foldName));
  return { objects: objects.filter(({ type, name }) => type === 'table' && wanted.has(foldName(name))) };
}

function firstDifference(left = '', right = ''): string {
  const now = new Set(linesOf(right));
  const then = new Set(linesOf(left));
  const gone = [...then].find((line) => !now.has(line));
  const added = [...now].find((line) => !then.has(line));
  return [
    ...(gone === undefined ? [] : [`the backup has ${gone}`]),
    ...(added === undefined ? [] : [`the database has ${added}`]),
  ].join(', ');
}

function linesOf(display: string): readonly string[] {
  return display.split('\n').map((line) => line.trim().replace(/,$/, ''));
}
