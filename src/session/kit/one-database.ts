import { MigrateError } from '../../lib/errors.ts';
import type { Database, Environment } from '../../project/project.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** The database that is named, or the only one there is. Throws `not-found` or `usage`. */
export function oneDatabase({ project }: Workspace, wanted: string | undefined): Database {
  const named = project.databases.filter(({ name }) => wanted === undefined || name === wanted);
  const [only, ...others] = named;
  if (only && others.length === 0) return only;
  const names = project.databases.map(({ name }) => name);
  if (only) {
    throw new MigrateError(
      'usage',
      `The project has ${names.length} databases, and the command works on one.`,
      {
        next: `Add --database ${names.join(' or --database ')}.`,
      },
    );
  }
  throw new MigrateError('not-found', `The project has no database ${wanted ?? ''}.`, {
    next: `It has ${names.join(', ')}.`,
  });
}

/** One database of an environment. Throws as `oneDatabase`. */
export function oneTarget(
  workspace: Workspace,
  environment: Environment,
  wanted: string | undefined,
): TargetDatabase {
  const found = workspace.targetsOf(environment, wanted === undefined ? undefined : [wanted]);
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  throw new MigrateError(
    'usage',
    `${environment.name} has ${found.length} databases, and the command works on one.`,
    { next: `Add --database ${found.map(({ database }) => database.name).join(' or --database ')}.` },
  );
}
