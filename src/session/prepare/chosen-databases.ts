import { MigrateError } from '../../lib/errors.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';

/**
 * The project's databases in its order; all of them, or those named.
 *
 * @throws MigrateError `not-found`, naming those there are
 */
export function chosenDatabases(
  { project }: Workspace,
  wanted: readonly string[] | undefined,
): readonly Database[] {
  const names = project.databases.map(({ name }) => name);
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown === undefined)
    return project.databases.filter(({ name }) => wanted === undefined || wanted.includes(name));
  throw new MigrateError('not-found', `The project has no database ${unknown}.`, {
    next: `It has ${names.join(', ')}.`,
  });
}
