import type { RunView } from './run-view.ts';
import type { MigrationView } from './run-migration.ts';

/** Milliseconds that one statement took in the dry-run; undefined where it was not rehearsed. */
export function expectedOfStatement(
  view: RunView,
  { database, tag, statements }: MigrationView,
  number: number,
): number | undefined {
  const told = statements.get(number)?.expected;
  return told ?? rehearsed(view, database, tag)?.statements.find((one) => one.number === number)?.took;
}

/** Milliseconds that a whole migration took in the dry-run. */
function expectedOf(view: RunView, { database, tag, expected }: MigrationView): number | undefined {
  return expected ?? rehearsed(view, database, tag)?.took;
}

/** The same for all migrations of a database in this run; undefined when one of them is not known. */
export function expectedOfDatabase(view: RunView, database: string): number | undefined {
  let sum = 0;
  for (const migration of view.migrations.filter((one) => one.database === database)) {
    const expected = expectedOf(view, migration);
    if (expected === undefined) return undefined;
    sum += expected;
  }
  return sum;
}

function rehearsed(view: RunView, database: string, tag: string) {
  return view.evidence
    .find((evidence) => evidence.database === database)
    ?.migrations.find((migration) => migration.tag === tag);
}
