/**
 * Reads JSON that a person may have edited: what is wrong comes with its place.
 * A byte-order mark at the beginning is not an error.
 */
export function parseJson(text: string): JsonResult {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    const value: unknown = JSON.parse(json);
    return { kind: 'read', value };
  } catch {
    const offset = errorOffset(json);
    return { kind: 'invalid', ...positionOf(json, offset), reason: reasonAt(json, offset) };
  }
}

export type JsonResult =
  | { readonly kind: 'read'; readonly value: unknown }
  /** `line` and `column` from 1; `reason` is a phrase such as `unexpected "}"`. */
  | { readonly kind: 'invalid'; readonly line: number; readonly column: number; readonly reason: string };

/** Line and column, from 1, of an offset in a text. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function reasonAt(json: string, offset: number): string {
  const rest = json.slice(offset).trimStart();
  if (rest === '') return 'it ends too early';
  const [found = ''] = /^(?:[\w.-]+|.)/su.exec(rest) ?? [];
  return `unexpected ${JSON.stringify(found.slice(0, 20))}`;
}

// The engine's own message has no position for most mistakes, so the place is found by walking the grammar.
function errorOffset(json: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    token.lastIndex = offset;
    const found = token.exec(json)?.[1];
    const next: Expected | undefined = found === undefined ? undefined : step(open, expected, found);
    if (next === undefined) return afterSpace(json, offset);
    expected = next;
    offset = token.lastIndex;
  }
}

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end';

const token =
  /[ \t\r\n]*([{}[\],:]|"(?:[ !#-[\]-\u{10FFFF}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;

/** What may follow this token, or undefined when it must not stand here. */
function step(open: ('{' | '[')[], expected: Expected, found: string): Expected | undefined {
  const ends = found === '}' || found === ']';
  if (ends) {
    const may = expected === 'comma-or-end' || expected === (found === '}' ? 'key-or-end' : 'value-or-end');
    return may && open.pop() === (found === '}' ? '{' : '[') ? 'comma-or-end' : undefined;
  }
  if (expected === 'comma-or-end') {
    return found !== ',' || open.length === 0 ? undefined : open.at(-1) === '{' ? 'key' : 'value';
  }
  if (expected === 'colon') return found === ':' ? 'value' : undefined;
  if (expected === 'key' || expected === 'key-or-end') return found.startsWith('"') ? 'colon' : undefined;
  if (found === ',' || found === ':') return undefined;
  if (found !== '{' && found !== '[') return 'comma-or-end';
  open.push(found);
  return found === '{' ? 'key-or-end' : 'value-or-end';
}

function afterSpace(json: string, offset: number): number {
  return offset + (/^[ \t\r\n]*/.exec(json.slice(offset))?.[0].length ?? 0);
}
