/** A name as SQL: `users` → `"users"`. Safe for any text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal: `it's` → `'it''s'`. Safe for any text without NUL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
