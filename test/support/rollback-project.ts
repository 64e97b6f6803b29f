import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallProject, type SmallProject } from './small-project.ts';

/** A small project of which a migration may have a rollback file. */
export interface RollbackProject extends SmallProject {
  /** Writes the rollback file of a migration beside it. */
  undo(tag: string, statements: readonly string[]): void;
}

/** Teams and members as in `smallProject`, and `0002_colours`, each with a rollback file. */
export function rollbackProject(): RollbackProject {
  const project = withUndo(smallProject());
  project.add('0002_colours', [
    'ALTER TABLE teams ADD COLUMN colour text;',
    'CREATE INDEX teams_colour_idx ON teams (colour);',
  ]);
  project.undo('0000_teams', ['DROP TABLE teams;']);
  project.undo('0001_members', ['DROP TABLE members;']);
  project.undo('0002_colours', ['DROP INDEX teams_colour_idx;', 'ALTER TABLE teams DROP COLUMN colour;']);
  return project;
}

export function withUndo(project: SmallProject): RollbackProject {
  return Object.assign(project, {
    undo: (tag: string, statements: readonly string[]) =>
      writeFileSync(
        join(project.root, 'drizzle', `${tag}.rollback.sql`),
        statements.join('\n--> statement-breakpoint\n'),
      ),
  });
}
