import { MigrateError } from '../lib/errors.ts';
import { commands, meaningOf, type Command } from './commands.ts';
import { everywhere, flagOf, type FlagName } from './flags.ts';

/** A script that teaches a shell the commands and their flags. Throws `usage` for a shell it does not know. */
export function completionScript(shell: string): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return zsh();
    case 'fish':
      return fish();
    default:
      throw new MigrateError('usage', `There is no completion for ${JSON.stringify(shell)}.`, {
        next: 'Write migrate-tui completion bash, zsh or fish.',
      });
  }
}

function bash(): string {
  return `# migrate-tui completion for bash: eval "$(migrate-tui completion bash)"
_migrate_tui() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')} help"
  else
    case "$command" in
${commands.map((command) => `      ${command.name}) words="${flagWords(command).join(' ')}" ;;`).join('\n')}
      help) words="${commands.map(({ name }) => name).join(' ')}" ;;
      *) words="" ;;
    esac
    [ "$command" = completion ] && words="bash zsh fish $words"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _migrate_tui migrate-tui
`;
}

function zsh(): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const described = (command: Command) =>
    shownFlags(command)
      .map((name) => quoted(`--${name}:${meaningOf(name, command).replaceAll(':', '\\:')}`))
      .join(' ');
  return `#compdef migrate-tui
# migrate-tui completion for zsh: source <(migrate-tui completion zsh)
_migrate_tui() {
  local -a choices
  if (( CURRENT == 2 )); then
    choices=(${commands.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`)).join(' ')})
    _describe command choices
    return
  fi
  case "$words[2]" in
${commands.map((command) => `    ${command.name}) choices=(${described(command)}) ;;`).join('\n')}
    *) choices=() ;;
  esac
  _describe flag choices
  _files
}
compdef _migrate_tui migrate-tui
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => [
    `complete -c migrate-tui -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    ...shownFlags(command).map((name) => {
      const needs = flagOf(name).takes === undefined ? '' : ' -r';
      return `complete -c migrate-tui -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${needs} -d ${quoted(meaningOf(name, command))}`;
    }),
  ]);
  return `# migrate-tui completion for fish: migrate-tui completion fish | source\n${lines.join('\n')}\n`;
}

function flagWords(command: Command): readonly string[] {
  return shownFlags(command).map((name) => `--${name}`);
}

function shownFlags(command: Command): readonly FlagName[] {
  return [...command.flags, ...everywhere].filter((name) => flagOf(name).shown === 'shown');
}
