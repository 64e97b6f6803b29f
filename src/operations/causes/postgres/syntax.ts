import { known, type Suspect } from '../failure.ts';

/** The text itself, or code that it runs. */
export const syntax: Suspect = (failure) => {
  const { code, migration } = failure;
  switch (code) {
    case '42601':
      return known(
        'The server does not read the statement as SQL: a word is wrong, or it is SQL of another database or of a newer PostgreSQL',
        `Correct ${migration.tag}.`,
      );
    case 'P0001':
      return known(
        'A function, a trigger or the statement itself raised that with RAISE: somebody meant to refuse this',
        `Read what it says, and change the rows or the statement, in ${migration.tag}.`,
      );
    case '428C9':
      return known(
        'The column makes its values itself: it is GENERATED ALWAYS',
        `Leave the column out, or write OVERRIDING SYSTEM VALUE for an identity, in ${migration.tag}.`,
      );
    default:
      return undefined;
  }
};
