import type { Command, CommandName, Positional } from './commands/command.ts';
import { deploying } from './commands/deploying.ts';
import { goingBack } from './commands/going-back.ts';
import { looking } from './commands/looking.ts';
import { settingUp } from './commands/setting-up.ts';
import { straightening } from './commands/straightening.ts';
import { writing } from './commands/writing.ts';
import { flagOf, type FlagName } from './flags.ts';

export type { Command, CommandName } from './commands/command.ts';

/** In the order in which help lists them. */
export const commands: readonly Command[] = [
  ...deploying,
  ...goingBack,
  ...straightening,
  ...writing,
  ...looking,
  ...settingUp,
];

export function commandNamed(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

/** What a flag means for a command. */
export function meaningOf(name: FlagName, command: Command | undefined): string {
  return command?.means?.[name] ?? flagOf(name).says;
}

/** `deploy ENV`, as help shows it. */
export function usageOf(command: Command): string {
  return [command.name, ...command.positionals.map(positionalShown)].join(' ');
}

function positionalShown({ name, need }: Positional): string {
  switch (need) {
    case 'required':
      return name;
    case 'optional':
      return `[${name}]`;
    case 'any-number':
      return `[${name} ...]`;
  }
}

/** What drizzle-kit, wrangler and others call what is a command here. */
export const calledElsewhere: ReadonlyMap<string, CommandName> = new Map([
  ['migrate', 'deploy'],
  ['up', 'deploy'],
  ['create', 'new'],
  ['list', 'status'],
  ['diff', 'drift'],
  ['introspect', 'pull'],
  ['down', 'rollback'],
  ['undo', 'rollback'],
  ['revert', 'rollback'],
  ['execute', 'query'],
]);
