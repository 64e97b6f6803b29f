import type { MigrationReport } from './reports.ts';

/**
 * Why a rewritten migration is not put in its file's place: where an environment has run the file, it is to go on
 * saying what ran there. Undefined: nothing is in the way.
 */
export function whyNotInPlace({ tag, environments }: MigrationReport): string | undefined {
  const named = (states: readonly string[]) =>
    environments.filter(({ state }) => states.includes(state)).map(({ environment }) => environment);
  const ran = named(['applied', 'changed', 'half']);
  if (ran.length > 0)
    return `${ran.join(', ')} ${ran.length === 1 ? 'has' : 'have'} run ${tag}: with another text the file and its hash would no longer be what ran there.`;
  const [unknown] = named(['unreachable']);
  if (unknown !== undefined)
    return `${unknown} cannot be asked whether it has run ${tag}: where it has, the file must stay as it is.`;
  return undefined;
}
