/** The code that Node, a client or a server gave an error, such as `ENOENT`; undefined where it gave none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
