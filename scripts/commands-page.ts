import { commands, meaningOf, usageOf, type Command } from '../src/cli/commands.ts';
import { everywhere, flagOf, flagShown, type FlagName } from '../src/cli/flags.ts';

/** `docs/commands.md`, from the same table as help and completion. */
export function commandsPage(): string {
  return [
    '# Commands',
    '',
    'Made from the table that also makes `migrate-tui help` and the shell completion: `node scripts/commands.ts`.',
    '',
    '`migrate-tui` alone opens the screen on a terminal. Without a terminal, on a build server (`CI` is set) and with',
    '`--json` it prints status.',
    '',
    'Questions only read and print one answer. Changes carry out a plan, say what happens as it happens, and end',
    'with what came of it. Answers go to stdout; progress, warnings, questions and failures to stderr. With `--json`',
    'stdout carries JSON only: one document for a question, one event a line for a change, the last of them `done` or',
    '`failed`. The shapes are in [meta/](../meta), the exit codes in [exit-codes.md](exit-codes.md).',
    '',
    ...commands.map(({ name, summary }) => `- [${name}](#${name}): ${summary}`),
    '',
    '## Flags that every command takes',
    '',
    ...flagTable(everywhere),
    '',
    ...commands.flatMap(section),
  ].join('\n');
}

function section(command: Command): readonly string[] {
  const own = command.flags.filter(isShown);
  return [
    `## ${command.name}`,
    '',
    `\`migrate-tui ${usageOf(command)}\``,
    '',
    [command.summary, ...command.says].join(' '),
    '',
    ...command.positionals.map(({ name, says }) => `- \`${name}\`: ${says}`),
    ...(command.positionals.length === 0 ? [] : ['']),
    ...(own.length === 0 ? [] : [...flagTable(own, command), '']),
    '```sh',
    ...command.examples.flatMap(({ line, says }) => [`# ${says}`, line]),
    '```',
    '',
  ];
}

function flagTable(names: readonly FlagName[], command?: Command): readonly string[] {
  return [
    '| flag | what it does |',
    '| --- | --- |',
    ...names.filter(isShown).map((name) => `| \`${flagShown(name)}\` | ${meaningOf(name, command)} |`),
  ];
}

function isShown(name: FlagName): boolean {
  return flagOf(name).shown === 'shown';
}
