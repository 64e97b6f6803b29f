/** The calls of a function in TypeScript as text, each with its arguments as they are written. */
export function callsOf(text: string, name: string): readonly Call[] {
  return [...text.matchAll(new RegExp(`${name}\\(`, 'g'))].map(({ index, 0: found }) => ({
    line: text.slice(0, index).split('\n').length,
    args: argumentsFrom(text, index + found.length),
  }));
}

export interface Call {
  readonly line: number;
  readonly args: readonly string[];
}

/** What a key of an object literal is given, wherever it stands in a text. */
export function valuesOf(text: string, key: string): readonly string[] {
  return [...text.matchAll(new RegExp(`\\b${key}:\\s*(?=['"\`])`, 'g'))].map(({ index, 0: found }) => {
    const from = index + found.length;
    return text.slice(from, endOfText(text, from) + 1);
  });
}

function argumentsFrom(text: string, start: number): readonly string[] {
  const args: string[] = [];
  let [from, depth, at] = [start, 0, start];
  for (; depth >= 0 && at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quotes.has(character)) at = endOfText(text, at);
    else if (text.startsWith('//', at)) at = text.indexOf('\n', at);
    else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      args.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...args, text.slice(from, at - 1).trim()].filter((arg) => arg !== '');
}

const quotes: ReadonlySet<string> = new Set(["'", '"', '`']);

/** Where the text that begins at a quote ends; a template may hold others. */
function endOfText(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === quote) return at;
    if (text[at] === '\\') at += 1;
    else if (quote === '`' && text.startsWith('${', at)) at = endOfHole(text, at + 2);
  }
  return text.length;
}

function endOfHole(text: string, start: number): number {
  for (let [at, depth] = [start, 1]; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quotes.has(character)) at = endOfText(text, at);
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
