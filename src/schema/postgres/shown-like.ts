import { isMadeUp } from './names.ts';

/**
 * The right table as the left one is shown: its columns in that order, and a constraint that differs by a made-up name
 * only under the left one's. What means nothing shall not look like a change.
 */
export function shownLike(left: string, right: string): string {
  const [one, other] = [linesOf(left), linesOf(right)];
  if (!one || !other) return right;
  const columns = inOrderOf(one.columns, other.columns);
  const named = other.constraints.map(
    (line) => one.constraints.find((known) => unnamed(known) === unnamed(line)) ?? line,
  );
  const lines = [...columns, ...inOrderOf(one.constraints, named)];
  return [other.head, lines.join(',\n'), ...other.foot].join('\n');
}

interface TableLines {
  readonly head: string;
  readonly columns: readonly string[];
  readonly constraints: readonly string[];
  readonly foot: readonly string[];
}

/** Undefined for a table with a line end in an expression, which goes over several lines. */
function linesOf(display: string): TableLines | undefined {
  const [head = '', ...rest] = display.split('\n');
  const end = rest.findIndex((line) => line.startsWith(')'));
  const body = rest.slice(0, end);
  if (end < 0 || !body.every((line, at) => /^ {2}\S/.test(line) && line.endsWith(',') === at < end - 1))
    return undefined;
  const lines = body.map((line) => line.replace(/,$/, ''));
  const constraints = lines.filter((line) => line.startsWith('  CONSTRAINT '));
  return {
    head,
    columns: lines.slice(0, lines.length - constraints.length),
    constraints,
    foot: rest.slice(end),
  };
}

function inOrderOf(left: readonly string[], right: readonly string[]): readonly string[] {
  const places = new Map(left.map((line, at) => [nameIn(line), at]));
  const place = (line: string) => places.get(nameIn(line)) ?? left.length;
  return right.toSorted((a, b) => place(a) - place(b));
}

const named = /^ {2}((?:CONSTRAINT )?)("(?:[^"]|"")*"|\S+)(.*)$/s;

const nameIn = (line: string) => named.exec(line)?.[2] ?? line;

function unnamed(line: string): string {
  const [, , name = '', rest = ''] = named.exec(line) ?? [];
  return isMadeUp(name.replace(/"$/, '')) ? rest : line;
}
