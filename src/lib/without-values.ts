/**
 * What a database says of a failure, without the values in it. Engines name tables and columns bare and quote
 * literals only in a few sentences: what is quoted is hidden, unless it can be a name in double quotes. An apostrophe
 * inside a word quotes nothing.
 */
export function withoutValues(message: string): string {
  return message
    .replace(postgresValue, '$1"•••"')
    .replaceAll(quoted, (found: string, blob: string, quote: string) =>
      name.test(found) ? found : `${blob}${quote}•••${quote}`,
    );
}

/** PostgreSQL quotes values as it quotes names, and does not mark the quotes inside: these sentences end with one. */
const postgresValue =
  /(\b(?:invalid input \w+ for [^":]*|malformed \w+ literal|invalid \w+ digit|value out of range): |\bvalue )"(?:.*)"/s;
const quoted = /(?<![\p{L}\p{N}])([xX]?)(["'])(?:(?!\2).)*\2(?![\p{L}\p{N}])/gsu;
const name = /^"[A-Za-z_][\w.]*"$/;
