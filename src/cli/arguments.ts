import { MigrateError } from '../lib/errors.ts';
import { calledElsewhere, commandNamed, commands, usageOf, type Command } from './commands.ts';
import { everywhere, flagOf, isFlagName, type FlagName } from './flags.ts';
import { nearest } from '../lib/nearest.ts';

/** What the words of a command line ask for. */
export type Parsed =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'command'; readonly command: Command; readonly given: Given }
  /** No command: the screen, or status where there is no terminal. */
  | { readonly kind: 'none'; readonly given: Given };

/** The flags and words of one command, checked against its row of the table. */
export interface Given {
  readonly positionals: readonly string[];
  has(flag: FlagName): boolean;
  /** The value of a flag that may stand once. */
  value(flag: FlagName): string | undefined;
  values(flag: FlagName): readonly string[];
  /** A positional that the table says is required. */
  required(index: number): string;
}

/** Reads a command line. Throws `MigrateError` `usage` with the nearest thing that would have fitted. */
export function parseArguments(argv: readonly string[]): Parsed {
  if (argv.includes('--version') || argv[0] === '-v' || argv[0] === '-V') return { kind: 'version' };
  const words = splitWords(argv);
  const [name, ...rest] = words.positionals;
  if (name === 'help') return { kind: 'help', command: rest[0] === undefined ? undefined : find(rest[0]) };
  const command = name === undefined ? undefined : find(name);
  if (words.flags.some(({ name: flag }) => flag === 'help')) return { kind: 'help', command };
  const given = check(words.flags, rest, command);
  return command === undefined ? { kind: 'none', given } : { kind: 'command', command, given };
}

interface Words {
  readonly positionals: readonly string[];
  readonly flags: readonly GivenFlag[];
}

interface GivenFlag {
  readonly name: FlagName;
  readonly value: string | undefined;
}

function splitWords(argv: readonly string[]): Words {
  const positionals: string[] = [];
  const found: GivenFlag[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      positionals.push(...argv.slice(i + 1));
      break;
    }
    if (word === '-h') found.push({ name: 'help', value: undefined });
    else if (word.startsWith('--')) i += readFlag(word, argv[i + 1], argv, found);
    else if (word.startsWith('-') && word.length > 1) throw unknownFlag(word, argv);
    else positionals.push(word);
  }
  return { positionals, flags: found };
}

/** Adds the flag and says how many words after it belong to it. */
function readFlag(
  word: string,
  following: string | undefined,
  argv: readonly string[],
  into: GivenFlag[],
): 0 | 1 {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  if (!isFlagName(name)) throw unknownFlag(`--${name}`, argv);
  const { takes } = flagOf(name);
  if (takes === undefined) {
    if (equals !== -1) throw usage(`--${name} takes no value.`, `Leave "=${word.slice(equals + 1)}" away.`);
    into.push({ name, value: undefined });
    return 0;
  }
  const value = equals === -1 ? following : word.slice(equals + 1);
  if (value === undefined || value === '' || (equals === -1 && value.startsWith('--'))) {
    throw usage(`--${name} needs a value.`, `Write --${name} ${takes}.`);
  }
  into.push({ name, value });
  return equals === -1 ? 1 : 0;
}

function unknownFlag(flag: string, argv: readonly string[]): MigrateError {
  const name = argv.find((word) => commandNamed(word) !== undefined);
  const command = name === undefined ? undefined : commandNamed(name);
  const written = flag.replace(/^-+/, '');
  const likely = nearest(written, flagsOf(command));
  const known = command === undefined ? 'migrate-tui help' : `migrate-tui help ${command.name}`;
  const next =
    flagElsewhere(written, command) ??
    (likely === undefined ? `${known} lists the flags.` : `The nearest is --${likely}; ${known} lists all.`);
  return usage(`${flag} is not a flag of ${command?.name ?? 'migrate-tui'}.`, next);
}

/** What wrangler and other runners say with a flag that is said in another way here. */
function flagElsewhere(flag: string, command: Command | undefined): string | undefined {
  switch (command?.positionals[0]?.name) {
    case 'NAME':
      return flagOfNames(flag, command?.name ?? '');
    case 'ENV':
      return flagOfEnvironments(flag, command?.name ?? '');
    default:
      return undefined;
  }
}

/** drizzle-kit's */
function flagOfNames(flag: string, command: string): string | undefined {
  switch (flag) {
    case 'name':
      return `The name is a word here: migrate-tui ${command} NAME.`;
    case 'custom':
      return 'Here it is a command: migrate-tui new NAME.';
    default:
      return undefined;
  }
}

function flagOfEnvironments(flag: string, command: string): string | undefined {
  switch (flag) {
    case 'dry-run':
      return 'Here it is a command, which only reads the target: migrate-tui dry-run ENV.';
    case 'local':
    case 'remote':
      return `An environment is a word here: migrate-tui ${command} ${flag}. migrate-tui status lists them.`;
    case 'env':
    case 'environment':
      return `An environment is a word here: migrate-tui ${command} ENV. migrate-tui status lists them.`;
    default:
      return undefined;
  }
}

function find(name: string): Command {
  const command = commandNamed(name);
  if (command !== undefined) return command;
  const here = calledElsewhere.get(name);
  if (here !== undefined) {
    throw usage(
      `${JSON.stringify(name)} is not a command of migrate-tui.`,
      `Here it is ${here}; migrate-tui help ${here} says how.`,
    );
  }
  const likely = nearest(
    name,
    commands.map((each) => each.name),
  );
  throw usage(
    `${JSON.stringify(name)} is not a command of migrate-tui.`,
    likely === undefined
      ? 'migrate-tui help lists the commands.'
      : `The nearest is ${likely}; migrate-tui help lists all.`,
  );
}

function check(
  found: readonly GivenFlag[],
  positionals: readonly string[],
  command: Command | undefined,
): Given {
  const allowed = flagsOf(command);
  for (const { name } of found) {
    if (!allowed.includes(name)) throw unfitting(name, command);
  }
  for (const { name } of found) {
    const values = new Set(found.filter((flag) => flag.name === name).map((flag) => flag.value));
    if (flagOf(name).often === 'once' && values.size > 1) {
      throw usage(`--${name} is given twice, with different values.`, 'Keep the one that is meant.');
    }
  }
  if (command !== undefined) checkPositionals(command, positionals);
  return givenOf(found, positionals);
}

function flagsOf(command: Command | undefined): readonly FlagName[] {
  return [...everywhere, ...(command?.flags ?? [])];
}

function unfitting(name: FlagName, command: Command | undefined): MigrateError {
  if (command === undefined) {
    return usage(
      `--${name} needs a command.`,
      `${commands
        .filter((each) => each.flags.includes(name))
        .map((each) => each.name)
        .join(', ')} take${commands.filter((each) => each.flags.includes(name)).length === 1 ? 's' : ''} it.`,
    );
  }
  return usage(
    `${command.name} does not take --${name}.`,
    `migrate-tui help ${command.name} lists what it takes.`,
  );
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const written = `migrate-tui ${usageOf(command)}`;
  const missing = command.positionals.find(
    ({ need }, index) => need === 'required' && positionals[index] === undefined,
  );
  if (missing !== undefined) {
    throw usage(`${command.name} needs ${missing.name}: ${lowerFirst(missing.says)}`, `Write ${written}.`);
  }
  const most = command.positionals.some(({ need }) => need === 'any-number')
    ? Number.POSITIVE_INFINITY
    : command.positionals.length;
  const extra = positionals[most];
  if (extra !== undefined) {
    throw usage(
      `${JSON.stringify(extra)} is one word too many for ${command.name}.`,
      command.flags.includes('to')
        ? `Write ${written} --to TAG where it is the migration to go to.`
        : `Write ${written}; a value with spaces stands in quotes.`,
    );
  }
}

function givenOf(found: readonly GivenFlag[], positionals: readonly string[]): Given {
  const values = (flag: FlagName) =>
    found.flatMap((each) => (each.name === flag && each.value !== undefined ? [each.value] : []));
  return {
    positionals,
    has: (flag) => found.some(({ name }) => name === flag),
    value: (flag) => values(flag).at(-1),
    values,
    required: (index) => {
      const word = positionals[index];
      if (word === undefined) throw new Error(`Positional ${index} was not checked.`);
      return word;
    },
  };
}

function usage(message: string, next: string): MigrateError {
  return new MigrateError('usage', message, { next });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
