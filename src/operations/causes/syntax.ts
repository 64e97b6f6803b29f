import { known, type Suspect } from './failure.ts';

/** The text itself. */
export const syntax: Suspect = (failure) => {
  const { code, message, dialect } = failure;
  if (code === 'TRANSACTION_CONTROL' || /state\.storage\.transaction/.test(message)) {
    return known(
      'Each migration is one transaction already, together with its record',
      `Take BEGIN, COMMIT and ROLLBACK out of ${failure.migration.tag}.`,
    );
  }
  if (code === 'SEVERAL_STATEMENTS') {
    return known(
      'Each piece between two breakpoints is sent as one statement',
      `Put --> statement-breakpoint between them, in ${failure.migration.tag}.`,
    );
  }
  if (message === 'incomplete input') {
    return known(
      dialect === 'd1'
        ? 'The text ends in the middle of a statement: a parenthesis or quote is not closed, or D1 cut a trigger at a semicolon inside it'
        : 'The text ends in the middle of a statement: a parenthesis or quote is not closed, or a breakpoint stands inside it',
      `Close it in ${failure.migration.tag}${dialect === 'd1' ? '; D1 keeps a trigger whole when its BEGIN and END are in capitals and its lines end in LF' : ''}.`,
    );
  }
  if (!/: syntax error$|^unrecognized token/.test(message)) return undefined;
  return known(
    `${dialect === 'd1' ? 'D1' : 'libSQL'} does not read the statement as SQL: a word is wrong, or it is SQL of another database or of a newer SQLite`,
    `Correct ${failure.migration.tag}.`,
  );
};
