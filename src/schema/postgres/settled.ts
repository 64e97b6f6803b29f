import { flattened } from './flattened.ts';

/**
 * An expression as PostgreSQL writes it, on one line, so that equal meaning is equal text. PostgreSQL does not always
 * write again what it reads of its own: `(ARRAY[a, b])::text[]` is read as an array of casts, and `(a AND b) AND c` as
 * one AND of three. Here both are that.
 */
export function settled(expression: string): string {
  return flattened(distributed(onOneLine(expression)));
}

/** White space outside quotes becomes one space; a line end inside them is written out, so that the form has lines. */
function onOneLine(text: string): string {
  const parts = text.replaceAll('\\', String.raw`\\`).split(quoted);
  return parts
    .map((part, at) => (at % 2 === 0 ? part.replaceAll(/\s+/g, ' ') : part.replaceAll('\n', String.raw`\n`)))
    .join('')
    .replaceAll(/\( /g, '(')
    .trim();
}

const quoted = /('(?:[^']|'')*'|"(?:[^"]|"")*")/;

/** `(ARRAY[a, b])::text[]` → `ARRAY[(a)::text, (b)::text]`, from the inside out. */
function distributed(text: string): string {
  for (
    let at = text.lastIndexOf('(ARRAY[');
    at >= 0;
    at = at === 0 ? -1 : text.lastIndexOf('(ARRAY[', at - 1)
  ) {
    const found = castArray(text, at);
    if (!found) continue;
    const elements = found.elements.map((element) => `${atom(element)}::${found.type}`);
    text = `${text.slice(0, at)}ARRAY[${elements.join(', ')}]${text.slice(found.end)}`;
  }
  return text;
}

/** As PostgreSQL puts parentheses around what it casts. */
function atom(element: string): string {
  return /^(?:'(?:[^']|'')*'|\w+)$/.test(element) ? element : `(${element})`;
}

interface CastArray {
  readonly elements: readonly string[];
  readonly type: string;
  readonly end: number;
}

function castArray(text: string, start: number): CastArray | undefined {
  const elements: string[] = [];
  const open = start + '(ARRAY['.length;
  let depth = 0;
  let from = open;
  for (let at = open; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === "'" || sign === '"') at = text.indexOf(sign, at + 1);
    if (at < 0) return undefined;
    if (sign === '(' || sign === '[') depth += 1;
    if (sign === ',' && depth === 0) {
      elements.push(text.slice(from, at).trim());
      from = at + 1;
    }
    if (sign === ')') depth -= 1;
    if (sign !== ']') continue;
    if (depth > 0) {
      depth -= 1;
      continue;
    }
    const last = text.slice(from, at).trim();
    const cast = /^\)::((?:"(?:[^"]|"")*"|[\w. ])+?(?:\([\d,]+\))?(?: with(?:out)? time zone)?)\[\]/.exec(
      text.slice(at + 1),
    );
    if (!cast?.[1]) return undefined;
    return {
      elements: [...elements, ...(last === '' ? [] : [last])],
      type: cast[1],
      end: at + 1 + cast[0].length,
    };
  }
  return undefined;
}
