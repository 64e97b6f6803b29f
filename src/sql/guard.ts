/**
 * A statement that raises unless a condition holds, in SQL that every SQLite-family engine takes:
 * a path that is not a JSON path makes `json_extract` fail with the path in its message,
 * which rolls back the unit and names the guard.
 *
 * @param name what is guarded, such as `lease` or `history`
 * @param condition an SQL expression; anything but 1 raises
 * @param detail an SQL expression whose text is reported, such as a count; no row values
 */
export function guard(name: string, condition: string, detail = "''"): string {
  // The message is built from the condition's value: SQLite computes constant expressions before the CASE is taken.
  return `SELECT CASE WHEN (${condition}) = 1 THEN 1 ELSE json_extract('{}', '${marker}${name}:' || (${detail})) END`;
}

/** The guard that an engine's error text names, or undefined when the error is another one. */
export function raisedGuard(message: string): { readonly name: string; readonly detail: string } | undefined {
  const found = /migrate-tui-guard:([a-z-]+):([^']*)/.exec(message);
  return found ? { name: found[1] ?? '', detail: found[2] ?? '' } : undefined;
}

const marker = 'migrate-tui-guard:';
