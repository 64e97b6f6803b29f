import { whyNotInPlace } from '../../operations/squash/in-place.ts';
import type { Database } from '../../project/project.ts';
import { whereApplied } from '../answers/migration.ts';
import { knowledgeAtHand } from '../knowledge.ts';
import { statusOf } from '../status.ts';
import type { Workspace } from '../workspace.ts';

/** Why the files of a migration stay as they are; undefined where no environment has run it. */
export type WhyStays = (tag: string) => string | undefined;

/**
 * Asks all environments, for every database that has the folder: two may share it.
 *
 * @param because what stands behind the sentence: `what has run keeps its name`
 */
export function whereRun(
  workspace: Workspace,
  { directory }: Database,
  because: string,
): () => Promise<WhyStays> {
  const sharing = workspace.project.databases.filter((database) => database.directory === directory);
  return async () => {
    const folders = await Promise.all(sharing.map((database) => workspace.folderOf(database)));
    const known = new Set(folders.flatMap(({ migrations }) => migrations.map(({ tag }) => tag)));
    const status = await statusOf(workspace, [], {});
    const knowledge = await knowledgeAtHand(workspace);
    const places = (tag: string) => sharing.flatMap(({ name }) => whereApplied(status, knowledge, name, tag));
    // Of what no database is told to run nothing tells whether it ran.
    return (tag) =>
      known.has(tag)
        ? whyNotInPlace(tag, places(tag), because)
        : `No database of the project runs ${tag}, so none tells whether it has run.`;
  };
}
