import { unreachable } from '../lib/unreachable.ts';
import type { Dialect } from './statement.ts';

/**
 * A statement that raises unless a condition holds, in SQL that every SQLite-family engine takes:
 * a path that is not a JSON path makes `json_extract` fail with the path in its message,
 * which rolls back the unit and names the guard. `guardIn` has the other dialects.
 *
 * @param name what is guarded, such as `lease` or `history`
 * @param condition an SQL expression; anything but 1 raises
 * @param detail an SQL expression whose text is reported, such as a count; no row values
 */
export function guard(name: string, condition: string, detail = "''"): string {
  // The message is built from the condition's value: SQLite computes constant expressions before the CASE is taken.
  return `SELECT CASE WHEN (${condition}) = 1 THEN 1 ELSE json_extract('{}', '${marker}${name}:' || (${detail})) END`;
}

/** Makes the text of a guard in the dialect; see `guard` for what the parameters are. */
export function guardIn(dialect: Dialect): typeof guard {
  switch (dialect) {
    case 'sqlite':
      return guard;
    case 'postgres':
      return postgresGuard;
    default:
      return unreachable(dialect);
  }
}

/**
 * A text that is no number, which the error 22P02 quotes. The condition is 1 or true; NULL raises, too.
 *
 * `concat` is not immutable: made of `||`, a text that is known beforehand would be cast, and so raise, while the
 * statement is planned. The apostrophe ends the detail, because the quotes around it are those of the server's language.
 */
function postgresGuard(name: string, condition: string, detail = "''"): string {
  return `SELECT CASE WHEN (${condition})::int = 1 THEN 1 ELSE CAST(concat('${marker}${name}:', (${detail}), '''') AS integer) END`;
}

/** The guard that an engine's error text names, or undefined when the error is another one. */
export function raisedGuard(message: string): { readonly name: string; readonly detail: string } | undefined {
  const found = /migrate-tui-guard:([a-z-]+):([^']*)/.exec(message);
  return found ? { name: found[1] ?? '', detail: found[2] ?? '' } : undefined;
}

const marker = 'migrate-tui-guard:';
