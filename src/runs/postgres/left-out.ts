import { MigrateError } from '../../lib/errors.ts';

/**
 * @param leftOut what a copy would be without, for people: `event trigger noted`
 * @param location of the database
 */
export type Permit = (leftOut: readonly string[], location: string) => void;

/**
 * A backup without a part of what is there would be found out by whoever needs it. An index that is not valid is no
 * such part: no query uses it, and none can be made on purpose; whoever lets it go unsaid is told (`notValidIn`).
 *
 * @throws MigrateError `refused`
 */
export const refuseIncomplete: Permit = (leftOut, location) => {
  const missing = leftOut.filter((one) => !isNotValid(one));
  if (missing.length === 0) return;
  throw new MigrateError(
    'refused',
    `A copy of ${location} would be without ${missing.join(', ')}. Nothing was changed.`,
    { next: "Back it up with the server's own tools, and set backup: 'external' in the config." },
  );
};

/** For a copy that is only rehearsed on. */
export const permitAll: Permit = () => undefined;

/** Of what is left out, what no copy can hold because it is not valid. */
export function notValidIn(leftOut: readonly string[]): readonly string[] {
  return leftOut.filter(isNotValid);
}

const isNotValid = (one: string) => one.endsWith(', which is not valid');
