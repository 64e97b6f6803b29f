import { foldName } from '../sql/cursor.ts';

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
  const found = /^CREATE TABLE [^\n]*\(\n(.*)\n\)([^\n]*)$/s.exec(display);
  if (!found) return undefined;
  const lines = (found[1] ?? '').split(',\n').map((line) => line.replace(/^ {2}/, ''));
  const isConstraint = (line: string) => constraint.test(line);
  return {
    columns: new Map(lines.filter((line) => !isConstraint(line)).map((line) => [columnIn(line), line])),
    constraints: lines.filter(isConstraint),
    foot: found[2] ?? '',
  };
}

const constraint = /^(?:PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY) \(/;

function columnIn(line: string): string {
  const name = /^("(?:[^"]|"")*"|\S+)/.exec(line)?.[0] ?? line;
  return foldName(name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);
}
