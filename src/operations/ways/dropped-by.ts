import type { Migration } from '../../migrations/migration.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';

/** The tables that a migration's own statements drop, in lower case. */
export function droppedBy({ statements }: Migration): ReadonlySet<string> {
  return new Set(
    statements.flatMap(({ sql }) => {
      const kind = classify(sql);
      return kind.kind === 'drop-table' ? [foldName(kind.table)] : [];
    }),
  );
}
