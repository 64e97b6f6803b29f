import type { Command } from './command.ts';

/** A project, to work on or to practise in. */
export const settingUp: readonly Command[] = [
  {
    name: 'init',
    kind: 'tool',
    positionals: [],
    flags: ['print'],
    summary: 'Write migrate-tui.config for what was found in this project.',
    says: ['Never overwrites a file. A standard project works without it.'],
    examples: [{ line: 'migrate-tui init', says: 'Writes the file and shows where each part came from.' }],
  },
  {
    name: 'demo',
    kind: 'tool',
    positionals: [
      { name: 'DIR', need: 'optional', says: 'Where to make it; ./migrate-tui-demo when not given.' },
    ],
    flags: ['no-open'],
    summary: 'Make a practice project with four environments, and open it.',
    says: ['Real libSQL files, no network. An earlier demo in DIR is thrown away and made again.'],
    examples: [{ line: 'migrate-tui demo --no-open', says: 'Only make it, and print what to try.' }],
  },
  {
    name: 'completion',
    kind: 'tool',
    positionals: [{ name: 'SHELL', need: 'required', says: 'bash, zsh or fish.' }],
    flags: [],
    summary: 'Print the completion script of a shell.',
    says: [],
    examples: [{ line: 'eval "$(migrate-tui completion bash)"', says: 'For the shell that is running.' }],
  },
];
