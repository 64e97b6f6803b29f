import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';

/** What a command needs to mean this database, in a project of several. */
export function databaseFlag(
  { project }: Pick<Workspace, 'project'>,
  { name }: Pick<Database, 'name'>,
): readonly string[] {
  return project.databases.length > 1 ? [`--database ${name}`] : [];
}
