import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { parse, TomlError } from 'smol-toml';
import { codeOf } from '../../lib/error-code.ts';
import { positionOf } from '../../lib/json.ts';
import { MigrateError } from '../../lib/errors.ts';

/** A key inside a file: `['env', 'staging', 'd1_databases', 0]`. */
export type KeyPath = readonly (string | number)[];

/** What a TOML or JSONC file says, and where it says it. */
export interface WranglerText {
  readonly value: unknown;
  /** The line, from 1, on which something stands; undefined when that cannot be told. */
  readonly lineOf: (path: KeyPath) => number | undefined;
}

/** Reads a file as wrangler does: `.toml` as TOML, the others as JSON with comments. Throws `config` with file and line. */
export function readWranglerText(file: string): WranglerText {
  const text = contentOf(file);
  return file.endsWith('.toml') ? toml(file, text) : jsonc(file, text);
}

function contentOf(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    throw new MigrateError('config', `${file} cannot be read: ${code}.`, {
      next: 'Make it readable.',
      cause: error,
    });
  }
}

function toml(file: string, text: string): WranglerText {
  try {
    return { value: parse(text), lineOf: (path) => tableLine(text, path) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of its message quotes the file, and a secret may stand there.
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    throw broken(file, 'TOML', reason, error);
  }
}

function jsonc(file: string, text: string): WranglerText {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    const reason = words(printParseErrorCode(first.error));
    throw broken(file, 'JSON', reason, positionOf(text, first.offset));
  }
  return {
    value: tree === undefined ? undefined : getNodeValue(tree),
    lineOf: (path) => (tree === undefined ? undefined : nodeLine(text, tree, path)),
  };
}

function broken(
  file: string,
  language: string,
  reason: string,
  { line, column }: { readonly line: number; readonly column: number },
): MigrateError {
  return new MigrateError(
    'config',
    `${basename(file)}:${line}:${column} is not ${language}: ${reason.replace(/\.$/, '')}.`,
    { next: `Correct line ${line} of ${file}.` },
  );
}

/** `PropertyNameExpected` → `property name expected` */
function words(code: string): string {
  return code.replaceAll(/(?<=.)(?=[A-Z])/g, ' ').toLowerCase();
}

/** The place of the longest part of the path that is there. */
function nodeLine(text: string, tree: Node, path: KeyPath): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return positionOf(text, node.offset).line;
  }
  return 1;
}

/** The line of the table's heading: smol-toml keeps no positions. A table written inline has none. */
function tableLine(text: string, path: KeyPath): number | undefined {
  const names = path.filter((part) => typeof part === 'string');
  const last = path.findLastIndex((part) => typeof part === 'number');
  const at = last === -1 ? undefined : path[last];
  const wanted = (last === -1 ? names : path.slice(0, last)).join('.');
  const headings = text
    .split('\n')
    .map((line, index) => ({ line: index + 1, name: heading(line) }))
    .filter(({ name }) => name === wanted);
  return headings[typeof at === 'number' ? at : 0]?.line;
}

function heading(line: string): string | undefined {
  const [, name] = /^\s*\[{1,2}([^\]]+)\]/.exec(line) ?? [];
  return name
    ?.split('.')
    .map((part) => part.trim().replaceAll(/^["']|["']$/g, ''))
    .join('.');
}
