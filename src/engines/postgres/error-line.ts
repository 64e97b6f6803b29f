/**
 * The message of a syntax error with the line it is at, where that is not the statement's first.
 *
 * @param thrown what the server said; its `position` counts characters from 1
 */
export function withLine(thrown: Error, sql: string): string {
  const position = 'position' in thrown ? Number(thrown.position) : Number.NaN;
  if (!('code' in thrown) || thrown.code !== '42601' || !(position > 1)) return thrown.message;
  const before = Array.from(sql).slice(0, position - 1);
  const line = before.filter((character) => character === '\n').length + 1;
  return line === 1 ? thrown.message : `${thrown.message} (line ${line} of the statement)`;
}
