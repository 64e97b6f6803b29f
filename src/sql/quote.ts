import { unreachable } from '../lib/unreachable.ts';
import type { Dialect } from './statement.ts';

/** A name as SQL: `users` → `"users"`. Safe for any text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name in a schema as SQL: `"app"."users"`. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** How a table of a schema is called: bare where it is `public`, else `app.users`. */
export function nameInSchema(schema: string, name: string): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/**
 * A table as SQL by the name that a schema or a statement calls it: in PostgreSQL `users` → `"public"."users"` and
 * `app.users` → `"app"."users"`, whatever the search path is.
 */
export function quoteTable(dialect: Dialect, name: string): string {
  switch (dialect) {
    case 'sqlite':
      return quoteName(name);
    case 'postgres': {
      const dot = name.indexOf('.');
      return dot < 0
        ? quoteQualified('public', name)
        : quoteQualified(name.slice(0, dot), name.slice(dot + 1));
    }
    default:
      return unreachable(dialect);
  }
}

/**
 * A text as an SQL literal: `it's` → `'it''s'`. Safe for any text without NUL; in PostgreSQL with
 * `standard_conforming_strings`, which is on unless somebody switched it off.
 */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
