import { MigrateError } from '../../lib/errors.ts';
import { meaningfulTokens } from '../../sql/tokens.ts';

/**
 * Throws `MigrateError` `refused` for what is no question. The session refuses writes by itself; this is for what it
 * takes nevertheless, such as a SET that would let the next statement write, or a COPY into a file of the server.
 */
export function refuseNoQuestion(sql: string, location: string): void {
  const word = meaningfulTokens(sql)
    .find(({ text }) => text !== '(')
    ?.text.toUpperCase();
  if (word !== undefined && questionWords.has(word)) return;
  throw new MigrateError('refused', `The query on ${location} was not run: it is no question`, {
    next: 'Ask with one SELECT, VALUES, TABLE, SHOW or EXPLAIN; changes go through a migration.',
  });
}

const questionWords = new Set(['SELECT', 'VALUES', 'TABLE', 'WITH', 'SHOW', 'EXPLAIN']);
