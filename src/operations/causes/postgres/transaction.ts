import { known, type Failure, type Suspect, type Suspicion } from '../failure.ts';
import { quotedNames } from './said.ts';

/** What cannot be inside a transaction, or not in the same one as what is before it. */
export const transaction: Suspect = (failure) => {
  switch (failure.code) {
    case '25001':
      return outside(failure);
    case '55P04':
      return enumValue(failure);
    case '25P02':
      return known(
        'A statement before it failed inside the transaction, and the server takes nothing more of it',
        `Find the one before it that fails, in ${failure.migration.tag}.`,
      );
    default:
      return undefined;
  }
};

function outside({ migration: { tag } }: Failure): Suspicion {
  return known(
    'PostgreSQL runs it outside of a transaction only, and by itself runs here only what changes the schema of this database',
    `Take it out of ${tag}, and run it by itself, past the migrations.`,
  );
}

function enumValue({ message, migration: { tag } }: Failure): Suspicion {
  // Quoted only where the name has to be.
  const type = quotedNames(message)[1] ?? /enum type (\S+)$/.exec(message)?.[1];
  return known(
    `A value that is added to ${type === undefined ? 'an enum' : `the enum ${type}`} can be used once the transaction that adds it is committed`,
    `Move what uses the value out of ${tag}, into a migration that comes after it.`,
  );
}
