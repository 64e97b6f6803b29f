/**
 * Whether a name fits a pattern: `*` any text, `?` one character, `[a-z]` one of a set, `[!a-z]` none of it,
 * `{a,b}` one of these. Patterns are about names in one folder, so nothing in them is a path.
 */
export function fits(name: string, pattern: string): boolean {
  const source = pattern.replaceAll(/\{[^{}]*\}|\[[^\]]+\]|./gsu, translated);
  return new RegExp(`^${source}$`, 'su').test(name);
}

function translated(part: string): string {
  if (part === '*') return '.*';
  if (part === '?') return '.';
  if (part.length > 1 && part.startsWith('[')) return set(part.slice(1, -1));
  if (part.length > 1 && part.startsWith('{')) {
    const either = part.slice(1, -1).replaceAll(/[^,]/gsu, translated);
    return `(?:${either.replaceAll(',', '|')})`;
  }
  return literal(part);
}

function set(inside: string): string {
  const negated = inside.startsWith('!');
  const members = (negated ? inside.slice(1) : inside).replaceAll(/[\\\]^[]/g, String.raw`\$&`);
  return `[${negated ? '^' : ''}${members}]`;
}

const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
