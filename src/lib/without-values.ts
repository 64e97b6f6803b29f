/**
 * What a database says of a failure, without the values in it. Engines name tables and columns bare and quote
 * literals only in a few sentences: what is quoted is hidden, unless it can be a name in double quotes. An apostrophe
 * inside a word quotes nothing.
 */
export function withoutValues(message: string): string {
  return message.replaceAll(quoted, (found: string, blob: string, quote: string) =>
    name.test(found) ? found : `${blob}${quote}•••${quote}`,
  );
}

const quoted = /(?<![\p{L}\p{N}])([xX]?)(["'])(?:(?!\2).)*\2(?![\p{L}\p{N}])/gsu;
const name = /^"[A-Za-z_][\w.]*"$/;
