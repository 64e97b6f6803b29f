import { isBuildMachine } from '../../lib/build-machine.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';

/**
 * Refuses what an environment with `from: 'ci'` takes from a build machine alone.
 *
 * @throws MigrateError `protected`
 */
export function refuseFromHere(environment: Environment, { kind }: Change, env: Variables): void {
  if (fromAnywhere.has(kind) || !isChangedElsewhere(environment, env)) return;
  const { name } = environment;
  throw new MigrateError(
    'protected',
    `${name} is changed from a build machine alone (environments.${name}.from), and CI is not set here. Nothing was changed.`,
    {
      next: `Run it in the build. From here it can be looked at, backed up and rehearsed; migrate-tui recover ${name} and migrate-tui restore work, too.`,
    },
  );
}

/** Whether this machine is not one from which the environment is changed. */
export function isChangedElsewhere({ from }: Pick<Environment, 'from'>, env: Variables): boolean {
  return from === 'ci' && !isBuildMachine(env);
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What writes nothing to the target, and what a person in trouble needs at once. */
const fromAnywhere: ReadonlySet<Change['kind']> = new Set(['backup', 'dry-run', 'recover', 'restore']);
