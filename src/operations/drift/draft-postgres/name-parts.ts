/** A name as SQL in its parts, each as SQL: `shop."Order"` → `shop` and `"Order"`. */
export function nameParts(sql: string): { readonly schema: string; readonly name: string } {
  const [, schema = 'public', name = sql] =
    /^(?:("(?:[^"]|"")*"|[^".]+)\.)?("(?:[^"]|"")*"|[^".]+)$/.exec(sql) ?? [];
  return { schema, name };
}
