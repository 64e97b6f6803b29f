import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commandsPage } from '../../scripts/commands-page.ts';
import { commands } from '../../src/cli/commands.ts';
import { completionScript } from '../../src/cli/completion.ts';
import { flagOf } from '../../src/cli/flags.ts';
import { helpText } from '../../src/cli/help.ts';
import { parseArguments } from '../../src/cli/arguments.ts';

describe('the table of commands', () => {
  test('docs/commands.md is what the table says (node scripts/commands.ts writes it)', () => {
    expect(readFileSync('docs/commands.md', 'utf8')).toBe(commandsPage());
  });

  test('every page of help fits 80 columns and shows no hidden flag', () => {
    for (const command of [undefined, ...commands]) {
      const page = helpText(command);
      expect(page.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(page).not.toMatch(/--stream|--log/);
    }
  });

  test('every example of help is a command line that is taken', () => {
    for (const { examples } of commands) {
      for (const { line } of examples) {
        const words = execFileSync('bash', ['-c', `printf '%s\\0' ${line.replace(/^eval.*$/, 'x')}`]);
        const [program, ...rest] = words.toString().split('\0').slice(0, -1);
        if (program === 'migrate-tui') expect(parseArguments(rest).kind).toBe('command');
      }
    }
  });

  test('whatever takes the name of an environment takes that a person typed it on the screen', () => {
    const asked = commands.filter(({ flags }) => flags.includes('confirm'));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter(({ flags }) => !flags.includes('agreed')).map(({ name }) => name)).toEqual(notAsked);
  });

  test('a hidden flag works', () => {
    expect(flagOf('log').shown).toBe('hidden');
    expect(parseArguments(['status', '--stream', '--json', '--log', 'x']).kind).toBe('command');
  });
});

describe('completion', () => {
  test.each([
    ['migrate-tui dep', 1, ['deploy']],
    ['migrate-tui deploy --acc', 2, ['--accept', '--accept-loss', '--accessible']],
    ['migrate-tui completion f', 2, ['fish']],
  ])('bash completes %s', (line, at, expected) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    const script = `${completionScript('bash')}
      COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${at}; _migrate_tui; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = execFileSync('bash', ['-c', script]).toString().trim().split('\n');
    expect(found.toSorted()).toEqual(expected);
  });

  test('zsh and fish scripts name every command; another shell is refused', () => {
    for (const { name } of commands) {
      expect(completionScript('zsh')).toContain(`'${name}:`);
      expect(completionScript('fish')).toContain(`-a ${name} -d`);
    }
    expect(() => completionScript('tcsh')).toThrow('no completion for "tcsh"');
  });
});

/** It writes nothing by itself, and no page of the screen opens it. */
const notAsked: readonly string[] = ['studio'];
