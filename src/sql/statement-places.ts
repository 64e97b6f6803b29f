/** Where a statement stands in its file: lines from 1, columns in UTF-16 units from 1, the end exclusive. */
export interface StatementPlace {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * The places of a file's statements, which stand in it word for word and in this order; undefined for one that does not.
 * A byte-order mark is no column: editors do not show it.
 */
export function statementPlaces(
  text: string,
  statements: readonly { readonly sql: string }[],
): readonly (StatementPlace | undefined)[] {
  const at = placeCounter(text);
  let from = 0;
  return statements.map(({ sql }) => {
    const start = text.indexOf(sql, from);
    if (start === -1) return undefined;
    from = start + sql.length;
    const [begin, end] = [at(start), at(from)];
    return { ...begin, endLine: end.line, endColumn: end.column };
  });
}

/** For offsets that only grow: each part of the text is looked at once. */
function placeCounter(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  let line = 1;
  let begin = text.startsWith('\uFEFF') ? 1 : 0;
  let next = text.indexOf('\n');
  return (offset) => {
    while (next !== -1 && next < offset) {
      line += 1;
      begin = next + 1;
      next = text.indexOf('\n', begin);
    }
    return { line, column: offset - begin + 1 };
  };
}
