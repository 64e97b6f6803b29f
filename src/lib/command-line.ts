/**
 * Words of migrate-tui as a command line that can be pasted into a shell.
 *
 * @param place what `placeFlags` gives, where the command is to work in the folder that the person stands in
 */
export function commandLine(words: readonly string[], place = ''): string {
  return placed(['migrate-tui', ...words].map(shellWord).join(' '), place);
}

/** The same of a line that is written already. */
export function placed(line: string, place: string): string {
  return line.replace(/^migrate-tui [\w-]+/, (start) => `${start}${place}`);
}

/** Where the project is, as this program was told, for a shell: ` --project apps/worker`; empty where nothing was said. */
export function placeFlags(said: {
  readonly project: string | undefined;
  readonly config: string | undefined;
}): string {
  return (['project', 'config'] as const)
    .flatMap((name) => (said[name] === undefined ? [] : [` --${name} ${shellWord(said[name])}`]))
    .join('');
}

/** One line for each database where there are several, for a command that is of one. */
export function commandPerDatabase(
  words: readonly string[],
  databases: readonly string[],
  place = '',
): readonly string[] {
  if (databases.length < 2) return [commandLine(words, place)];
  return databases.map((database) => commandLine([...words, '--database', database], place));
}

/** One word of it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
