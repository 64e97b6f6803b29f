/**
 * JSON laid out as a text before it was: its indentation, its line ends, and whether a line end closes the file. Then a
 * change of one entry is a change of one entry in version control, too.
 *
 * @param like the text that is replaced; drizzle-kit's layout where there is none
 */
export function jsonLike(like: string | undefined, value: unknown): string {
  const indent = /^\s*[{[]\r?\n([ \t]+)/.exec(like ?? '')?.[1] ?? '  ';
  const end = /\n\s*$/.test(like ?? '') ? '\n' : '';
  const text = `${JSON.stringify(value, undefined, indent)}${end}`;
  return like?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}
