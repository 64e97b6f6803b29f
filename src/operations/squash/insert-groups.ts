/** Servers refuse statements beyond 100 KB; readers, lines without end. */
const mostRows = 50;
const mostBytes = 30_000;

/** The rows of a table, each as text, as many together as one INSERT should have. */
export function inGroups(rows: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let bytes = 0;
  for (const text of rows) {
    const more = Buffer.byteLength(text);
    const group = groups.at(-1);
    if (group && bytes + more <= mostBytes && group.length < mostRows) {
      group.push(text);
      bytes += more;
    } else {
      groups.push([text]);
      bytes = more;
    }
  }
  return groups;
}
