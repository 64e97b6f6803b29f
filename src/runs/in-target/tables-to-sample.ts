import type { Migration } from '../../migrations/migration.ts';
import { rowExpectations } from '../../operations/evidence/row-expectations.ts';
import type { ForeignKey, Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';

/**
 * The tables, in lower case, whose values the migrations can change: those that their statements write to or rebuild,
 * and those that foreign keys and triggers reach from there. `all` where a statement does not say what it writes to.
 */
export function tablesToSample(
  migrations: readonly Migration[],
  { schema, foreignKeys }: { readonly schema: Schema; readonly foreignKeys: readonly ForeignKey[] },
): ReadonlySet<string> | 'all' {
  const kinds = migrations.flatMap(({ statements }) => statements.map(({ sql }) => classify(sql)));
  if (kinds.some(({ kind }) => kind === 'unknown')) return 'all';
  const written = kinds.flatMap((one) =>
    one.kind === 'insert' || one.kind === 'update' || one.kind === 'delete' ? [one.table] : [],
  );
  const reached = rowExpectations({ migrations, schema, foreignKeys, evidence: undefined, accepted: [] });
  const tables = reached.flatMap((one) => one.tables.map(({ table }) => table));
  return underAllNames(new Set([...written, ...tables].map(foldName)), kinds);
}

/** A table that is renamed is looked at under both names, so that its values before and after can be compared. */
function underAllNames(tables: ReadonlySet<string>, kinds: readonly StatementKind[]): ReadonlySet<string> {
  const pairs = kinds.flatMap((one) =>
    one.kind === 'alter-table' && one.action.kind === 'rename-table'
      ? [[foldName(one.table), foldName(one.action.to)]]
      : [],
  );
  const all = new Set(tables);
  for (let size = -1; size !== all.size;) {
    size = all.size;
    for (const names of pairs)
      if (names.some((name) => all.has(name))) for (const name of names) all.add(name);
  }
  return all;
}
