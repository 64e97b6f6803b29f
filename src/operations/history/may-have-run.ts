import type { Migration } from '../../migrations/migration.ts';
import { classify } from '../../sql/classify.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Finding } from '../reports.ts';

/** The rule of the finding, for those who look it up. */
export const mayHaveRunRule = 'may-have-run-already';

/**
 * A rebuild that leaves the schema as it was: a table that was rebuilt has the name it had before, so status, which
 * goes by names, takes it for pending where only its record is missing. Run twice it may lose what was written since.
 */
export function mayHaveRun(
  migrations: readonly Migration[],
  { database, before, migrations: rehearsed }: Evidence,
  environment: string,
): readonly Finding[] {
  let fingerprint = before.fingerprint;
  return rehearsed.flatMap(({ tag, statements }): readonly Finding[] => {
    const was = fingerprint;
    fingerprint = statements.at(-1)?.fingerprint ?? fingerprint;
    const file = migrations.find((each) => each.tag === tag)?.statements ?? [];
    const renames = file.findLastIndex(isRename);
    if (was !== fingerprint || renames === -1) return [];
    return [
      {
        rule: mayHaveRunRule,
        severity: 'warning',
        database,
        tag,
        statement: renames + 1,
        line: file[renames]?.line ?? 1,
        message: 'The schema is afterwards what it is now: it may have run here before, and lost its record.',
        fix: `migrate-tui recover ${environment} tells whether it did.`,
      },
    ];
  });
}

function isRename({ sql }: { readonly sql: string }): boolean {
  const statement = classify(sql);
  return statement.kind === 'alter-table' && statement.action.kind === 'rename-table';
}
