import { MigrateError } from '../../lib/errors.ts';

/**
 * @param leftOut what a copy would be without, for people: `event trigger noted`
 * @param location of the database
 */
export type Permit = (leftOut: readonly string[], location: string) => void;

/**
 * A backup without a part of what is there would be found out by whoever needs it.
 *
 * @throws MigrateError `refused`
 */
export const refuseIncomplete: Permit = (leftOut, location) => {
  refuseInvalid(leftOut, location);
  if (leftOut.length === 0) return;
  throw new MigrateError(
    'refused',
    `A copy of ${location} would be without ${leftOut.join(', ')}. Nothing was changed.`,
    { next: "Back it up with the server's own tools, and set backup: 'external' in the config." },
  );
};

/**
 * What is not valid is not made again, so that what is rehearsed would not be what is there.
 *
 * @throws MigrateError `refused`
 */
export const refuseInvalid: Permit = (leftOut, location) => {
  const invalid = leftOut.filter((one) => one.endsWith('not valid'));
  if (invalid.length === 0) return;
  throw new MigrateError('refused', `${location} has ${invalid.join(', ')}. Nothing was changed.`, {
    next: 'Drop it, or build it anew with REINDEX: a build that failed or was cut off leaves it so.',
  });
};
