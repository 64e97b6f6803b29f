import type { MigrationReport } from '../reports.ts';

/**
 * Why a rewritten migration is not put in its file's place: where an environment has run the file, it is to go on
 * saying what ran there. Undefined: nothing is in the way.
 *
 * @param environments of every database that has the file
 * @param because why it stays where it has run
 */
export function whyNotInPlace(
  tag: string,
  environments: MigrationReport['environments'],
  because = 'with another text the file and its hash would no longer be what ran there',
): string | undefined {
  const ran = whereItRan(environments);
  if (ran.length > 0) return `${ran.join(', ')} ${ran.length === 1 ? 'has' : 'have'} run ${tag}: ${because}.`;
  const unknown = named(environments, ['unreachable']);
  if (unknown.length > 0)
    return `${unknown.join(', ')} cannot be asked whether ${tag} ran there: where it did, the file must stay as it is.`;
  return undefined;
}

/** The environments that have run it, wholly or in part. */
export function whereItRan(environments: MigrationReport['environments']): readonly string[] {
  return named(environments, ['applied', 'changed', 'half', 'unrecorded', 'squashed']);
}

function named(
  environments: MigrationReport['environments'],
  states: readonly MigrationReport['environments'][number]['state'][],
): readonly string[] {
  return [
    ...new Set(
      environments.flatMap(({ environment, state }) => (states.includes(state) ? [environment] : [])),
    ),
  ];
}
