import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { MigrateError } from '../../src/lib/errors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'meta/rules.md', 'src/demo/project/*.md'], { cwd: root });

test('every command line in the documentation is understood', () => {
  const lines = pages.flatMap((page) => commandLinesOf(page));
  expect(lines.length, 'lines seen').toBeGreaterThan(200);
  expect(lines.flatMap((line) => misunderstood(line))).toEqual([]);
});

interface CommandLine {
  readonly page: string;
  readonly line: string;
}

/** In a sentence a command may go by its name alone, and any of them by `…`. */
function commandLinesOf(page: string): readonly CommandLine[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```.*?\n(.*?)^```/gms)].flatMap(([, block = '']) => block.split('\n'));
  const sentences = text.replace(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g);
  const said = Array.from(sentences, ([, line = '']) => line).filter(
    (line) => !/^\S+ (?:[a-z-]+$|…)/.test(line),
  );
  return [...blocks, ...said].filter((line) => written.test(line)).map((line) => ({ page, line }));
}

const written = /^(?:\$ |- run: |\s+)?(?:npx )?migrate-tui(?: |$)/;

function misunderstood({ page, line }: CommandLine): readonly string[] {
  try {
    parseArguments(wordsOf(line));
    return [];
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    return [`${page}: ${line.trim()}: ${error.message}`];
  }
}

/** Up to a comment, a pipe or another file, as a shell parts them. */
function wordsOf(line: string): readonly string[] {
  const [command = ''] = line.replace(written, '').split(/ +# | +[|>] | && |  +/);
  const words = command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
  return Array.from(words, ([, single, double, bare]) => single ?? double ?? bare ?? '');
}
