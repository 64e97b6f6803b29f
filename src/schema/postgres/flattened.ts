import { expressionTokens } from './expression-tokens.ts';

/** `((a AND b) AND c)` → `(a AND b AND c)`, and the same with OR: PostgreSQL reads the first as the second. */
export function flattened(expression: string): string {
  const all = expressionTokens(expression);
  const superfluous = new Set(
    groupsIn(all).flatMap((group) => (isSuperfluous(group, all) ? group.ends : [])),
  );
  return superfluous.size === 0 ? expression : all.filter((_, at) => !superfluous.has(at)).join('');
}

interface Group {
  readonly ends: readonly [open: number, close: number];
  /** AND and OR that stand in it and in no group of it. */
  readonly words: ReadonlySet<string>;
}

function groupsIn(all: readonly string[]): readonly Group[] {
  const found: Group[] = [];
  const open: { readonly at: number; readonly words: Set<string> }[] = [];
  for (const [at, text] of all.entries()) {
    if (text === '(') open.push({ at, words: new Set() });
    if (text === 'AND' || text === 'OR') open.at(-1)?.words.add(text);
    const group = text === ')' ? open.pop() : undefined;
    if (group) found.push({ ends: [group.at, at], words: group.words });
  }
  return found;
}

function isSuperfluous({ ends: [open, close], words }: Group, all: readonly string[]): boolean {
  const [word, other] = words;
  if (word === undefined || other !== undefined) return false;
  const before = all.findLast((text, at) => at < open && text.trim() !== '');
  const after = all.find((text, at) => at > close && text.trim() !== '');
  if (before !== word && after !== word) return false;
  return (before === word || before === '(') && (after === word || after === ')');
}
