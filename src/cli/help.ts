import { commands, meaningOf, usageOf, type Command } from './commands.ts';
import { everywhere, flagOf, flagShown, type FlagName } from './flags.ts';

/** The page of `migrate-tui help`, or of one command; every line within 80 columns. */
export function helpText(command: Command | undefined): string {
  return command === undefined ? overview() : commandPage(command);
}

function overview(): string {
  const groups = [
    ['Look (writes nothing)', 'question'],
    ['Change', 'change'],
    ['Files and tools', 'tool'],
  ] as const;
  return [
    "migrate-tui: every environment's migrations side by side, and a safe deploy:",
    'backup, dry-run on the backup, apply, verify.',
    '',
    'migrate-tui              open the screen; without a terminal, print status',
    'migrate-tui COMMAND      do one thing; "migrate-tui help COMMAND" says more',
    ...groups.flatMap(([title, kind]) => [
      '',
      title,
      ...commands
        .filter((command) => command.kind === kind)
        .flatMap((command) => entry(usageOf(command), command.summary)),
    ]),
    '',
    'Flags that every command takes',
    ...everywhere.filter(isShown).flatMap((name) => entry(flagShown(name), flagOf(name).says)),
    ...entry('--version', 'Print the version.'),
    '',
    'Exit codes',
    ...exitCodes.flatMap(([code, says]) => entry(code, says)),
    '',
  ].join('\n');
}

/** What each exit status promises, in one line; `docs/exit-codes.md` says it in full. */
export const exitCodes: readonly (readonly [string, string])[] = [
  ['0', 'Done, or nothing to do.'],
  ['1', 'Failed; every target is as before.'],
  ['2', 'The command line or the configuration does not fit.'],
  ['3', 'A check found something.'],
  ['4', 'Refused before anything was changed.'],
  ['5', 'A target changed and the run did not finish, or verify found a difference.'],
  ['130', 'Interrupted; every target is as before.'],
];

function commandPage(command: Command): string {
  const own = command.flags.filter(isShown);
  return [
    `migrate-tui ${usageOf(command)}`,
    '',
    ...wrap([command.summary, ...command.says].join(' '), 78).map((line) => `  ${line}`),
    ...list(
      'Words',
      command.positionals.map(({ name, says }) => [name, says]),
    ),
    ...list(
      'Flags',
      own.map((name) => [flagShown(name), meaningOf(name, command)]),
    ),
    ...list(
      'Flags that every command takes',
      everywhere.filter(isShown).map((name) => [flagShown(name), flagOf(name).says]),
    ),
    '',
    'Examples',
    ...command.examples.flatMap(({ line, says }) => [`  ${line}`, `      ${says}`]),
    '',
  ].join('\n');
}

function list(title: string, entries: readonly (readonly [string, string])[]): readonly string[] {
  return entries.length === 0 ? [] : ['', title, ...entries.flatMap(([name, says]) => entry(name, says))];
}

/** A name and what it says, which goes on below itself; a long name has a line of its own. */
function entry(name: string, says: string): readonly string[] {
  const lines = wrap(says, 54);
  const first = `  ${name.padEnd(nameWidth)}`;
  const rest = lines.map((line) => `${' '.repeat(nameWidth + 2)}${line}`);
  return name.length < nameWidth ? [`${first}${lines[0] ?? ''}`, ...rest.slice(1)] : [`  ${name}`, ...rest];
}

const nameWidth = 22;

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function isShown(name: FlagName): boolean {
  return flagOf(name).shown === 'shown';
}
