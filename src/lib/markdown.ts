import { safe } from './safe-text.ts';

/**
 * Text from elsewhere in GitHub's Markdown: it reads as it is and is no markup, neither in running text nor in a cell
 * of a table. It stays on one line, whatever it holds.
 */
export function prose(text: string): string {
  return safe(text, { lines: 'one' })
    .trim()
    .replaceAll(markup, String.raw`\$&`)
    .replace(/^(?:[#+=-]|\d{1,9}(?=[.)](?:\s|$)))/, escapedStart);
}

/** An underscore inside a word is none; an ampersand is where it would begin an entity. */
const markup = /[\\`*[\]<>|~]|&(?=#|\w+;)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A name, a path or a command, set as code. */
export function code(text: string): string {
  const shown = safe(text, { lines: 'one' });
  const isPlain = shown !== '' && shown.trim() === shown && !/[`|]/.test(shown);
  // A table ends its cell at a pipe even inside backticks; an entity is never markup.
  return isPlain
    ? `\`${shown}\``
    : `<code>${shown.replaceAll(/[^\p{L}\p{N} .,:=/()-]|^ | $/gu, entity)}</code>`;
}

/** @param rows cells that are Markdown already, as many as `head` has */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** A block of code; its lines may hold anything. */
export function fenced(language: string, content: readonly string[]): readonly string[] {
  const lines = content.flatMap((line) => safe(line, { lines: 'many' }).split('\n'));
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = '`'.repeat(Math.max(2, ...runs) + 1);
  return [`${fence}${language}`, ...lines, fence];
}

/** What would begin a heading or a list at the start of a line. */
function escapedStart(start: string): string {
  // The figure of a list cannot be escaped; an entity is as good.
  return /\d/.test(start) ? `${entity(start)}${start.slice(1)}` : `\\${start}`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0) ?? 0};`;
}
