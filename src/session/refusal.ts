import { SqlError } from '../engines/engine.ts';
import { MigrateError } from '../lib/errors.ts';
import { withoutValues } from '../lib/without-values.ts';
import { quoteName } from '../sql/quote.ts';
import { diskRefusal } from './disk-refusal.ts';

/**
 * A statement of ours that a database refuses is nothing that a person did wrong, and mostly none of ours: an account
 * that is blocked, a table of that name which is another one. It ends in a sentence, as does what the disk refuses; what
 * else was thrown stays as it is.
 */
export function asKnown(thrown: unknown, where = 'The database'): unknown {
  if (!(thrown instanceof SqlError)) return diskRefusal(thrown) ?? thrown;
  return new MigrateError(
    'unreachable',
    `${where} refused what it was asked: ${withoutValues(thrown.message)} (${thrown.code}).`,
    {
      next: nextFor(thrown),
      cause: thrown,
    },
  );
}

function nextFor({ code, message, next }: SqlError): string {
  if (next !== undefined) return next;
  const grant = code === insufficientPrivilege ? grantFor(message) : undefined;
  return (
    grant ?? 'migrate-tui doctor shows what is known of it; the words and the code are the database’s own.'
  );
}

/** PostgreSQL names what it keeps closed in its message alone; a server that speaks another language says it elsewhere. */
function grantFor(message: string): string | undefined {
  const [, kind = '', name = ''] = closed.exec(message) ?? [];
  if (name === '') return undefined;
  const right =
    kind === 'schema' ? 'USAGE ON SCHEMA' : kind === 'sequence' ? 'SELECT ON SEQUENCE' : 'SELECT ON';
  return `Let its owner run GRANT ${right} ${quoteName(name)} TO the role that connects, or connect as a role that may.`;
}

const insufficientPrivilege = '42501';
const closed = /^permission denied for (table|view|materialized view|sequence|schema) (.+)$/;
