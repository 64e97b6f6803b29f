import { SqlError } from '../engines/engine.ts';
import { MigrateError } from '../lib/errors.ts';
import { withoutValues } from '../lib/without-values.ts';

/**
 * A statement of ours that a database refuses is nothing that a person did wrong, and mostly none of ours: an account
 * that is blocked, a table of that name which is another one. It ends in a sentence; what else was thrown stays as it is.
 */
export function asKnown(thrown: unknown, where = 'The database'): unknown {
  if (!(thrown instanceof SqlError)) return thrown;
  return new MigrateError(
    'unreachable',
    `${where} refused what it was asked: ${withoutValues(thrown.message)} (${thrown.code})`,
    {
      next: 'migrate-tui doctor shows what is known of it; the words and the code are the database’s own.',
      cause: thrown,
    },
  );
}
