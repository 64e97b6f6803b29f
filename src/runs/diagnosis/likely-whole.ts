import type { Migration } from '../../migrations/migration.ts';
import { tracesByTag, type LiveNames } from '../../operations/traces-of.ts';
import type { Parts } from '../../schema/parts.ts';
import { foldName } from '../../sql/cursor.ts';

/** The migrations that the names in a schema show to have run as a whole: a guess, that a replay proves or not. */
export function likelyWhole(migrations: readonly Migration[], target: Parts): ReadonlySet<string> {
  const traces = tracesByTag(migrations, namesIn(target));
  return new Set([...traces].flatMap(([tag, { kind }]) => (kind === 'whole' ? [tag] : [])));
}

function namesIn(parts: Parts): LiveNames {
  const names = { tables: new Set<string>(), others: new Set<string>(), columns: new Set<string>() };
  for (const { type, key } of parts.values()) {
    const name = foldName(key.slice(type.length + 1));
    if (type === 'table') names.tables.add(name);
    else if (type === 'column') names.columns.add(name);
    else if (type !== 'constraint') names.others.add(`${type}:${name}`);
  }
  return names;
}
