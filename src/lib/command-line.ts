/** Words of migrate-tui as a command line that can be pasted into a shell. */
export function commandLine(words: readonly string[]): string {
  return ['migrate-tui', ...words].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
