/** Words of migrate-tui as a command line that can be pasted into a shell. */
export function commandLine(words: readonly string[]): string {
  return ['migrate-tui', ...words].map(shellWord).join(' ');
}

/** One line for each database where there are several, for a command that is of one. */
export function commandPerDatabase(
  words: readonly string[],
  databases: readonly string[],
): readonly string[] {
  if (databases.length < 2) return [commandLine(words)];
  return databases.map((database) => commandLine([...words, '--database', database]));
}

/** One word of it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
