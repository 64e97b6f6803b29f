/** What people call an object: by its bare name in `public`, else with its schema. */
export function shownName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/**
 * Whether a name of a constraint or sequence says nothing: PostgreSQL and both lines of Drizzle make such names up from
 * the table and its columns, each in its own spelling, and PostgreSQL cuts a longer one off. Any other name was chosen,
 * and statements may use it.
 */
export function isMadeUp(name: string): boolean {
  if (Buffer.byteLength(name) > cutOff - 4) return true;
  return /_(?:pkey|key|fkey|check|excl|seq|not_null)\d*$|_(?:pk|unique|fk)$/.test(name);
}

// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS: no name is longer, in bytes,
// and a character of several bytes is not cut in two.
const cutOff = 63;
