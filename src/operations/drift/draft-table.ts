import { foldName } from '../../sql/cursor.ts';

/** A table's text in the house style, line by line. */
export interface TableLines {
  /** The lines of its columns by name, in lower case, in their order. */
  readonly columns: ReadonlyMap<string, string>;
  readonly constraints: readonly string[];
  /** What stands behind the closing parenthesis. */
  readonly foot: string;
}

/** Undefined for what has no columns in it: a virtual table. */
export function tableLines(display: string): TableLines | undefined {
  const found = /^CREATE TABLE (?:"(?:[^"]|"")*"|[^\s"]+) \(\n(.*)\n\)([^\n]*)$/s.exec(display);
  if (!found) return undefined;
  const lines = (found[1]?.match(line) ?? []).map((text) => text.replace(/^\n? {2}/, ''));
  const isConstraint = (text: string) => constraint.test(text);
  return {
    columns: new Map(lines.filter((text) => !isConstraint(text)).map((text) => [columnIn(text), text])),
    constraints: lines.filter(isConstraint),
    foot: found[2] ?? '',
  };
}

/** Up to the comma at its end; texts and names may hold commas and line ends themselves. */
const line = /(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|,(?!\n)|[^'",]+)+/g;

/** The line of a column without its name, and without texts and names in it, which may be words of SQL. */
export function wordsOf(text: string): string {
  return text.replace(name, '').replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "''");
}

const constraint = /^(?:PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY) \(/;

function columnIn(text: string): string {
  const found = name.exec(text)?.[0] ?? text;
  return foldName(found.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found);
}

const name = /^("(?:[^"]|"")*"|\S+)/;
