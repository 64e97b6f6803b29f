import { portablePath } from '../../lib/portable-path.ts';
import { journalConflicts, type JournalConflict } from '../../migrations/journal-conflicts.ts';
import type { CheckFinding } from '../../operations/reports.ts';
import type { Database } from '../../project/project.ts';

/** What contradicts itself in the journal of a database's folder, as far as whoever runs it looks there. */
export async function conflictsOf({
  directory,
  bookkeeping,
}: Pick<Database, 'directory' | 'bookkeeping'>): Promise<readonly JournalConflict[]> {
  const conflicts = await journalConflicts(directory);
  // wrangler goes by names, others by numbers: times mean nothing to them.
  return conflicts.filter(({ kind }) => kind !== 'older-time' || bookkeeping === 'drizzle');
}

/** @param root the project's folder */
export function conflictFinding(
  { kind, tag, earlier, file, line }: JournalConflict,
  root: string,
): CheckFinding & { readonly next: string } {
  return {
    kind,
    severity: 'error',
    tag,
    file: portablePath(root, file),
    line,
    message: conflictMessage(kind, tag, earlier),
    next: `Where no environment has run one of the two: migrate-tui check --repair. By hand: take its SQL file, its journal entry and its snapshot away, then run migrate-tui generate, which makes it anew after ${earlier}.`,
  };
}

function conflictMessage(kind: JournalConflict['kind'], tag: string, earlier: string): string {
  switch (kind) {
    case 'same-index':
      return `${earlier} and ${tag} have the same index: two branches made them.`;
    case 'same-snapshot':
      return `${earlier} and ${tag} share one snapshot file, so one of the two snapshots is lost.`;
    case 'same-parent':
      return `${earlier} and ${tag} go on from the same snapshot: that of ${tag} does not know what ${earlier} made, and the next generate would make it again or take it away.`;
    case 'older-time':
      return `${tag} has no later time than ${earlier}: Drizzle 0.x never runs it where ${earlier} has run.`;
  }
}
