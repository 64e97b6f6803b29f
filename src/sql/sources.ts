import { cursorOver, foldName, isName, isWord, objectName, withDepth } from './cursor.ts';
import type { Token } from './tokens.ts';

/**
 * The tables and views that a SELECT reads, subqueries included, each once, as written.
 * @param common names made by WITH, in lower case: they are no tables
 */
export function sourceTables(all: readonly Token[], common: readonly string[] = []): readonly string[] {
  const made = new Set([...common, ...commonNames(all)]);
  const found = new Map<string, string>();
  for (const index of sourcePlaces(all)) {
    const named = cursorOver(all.slice(index, index + 3)).qualifiedName();
    const name = named && objectName(named);
    if (name !== undefined && !made.has(foldName(name)))
      found.set(foldName(name), found.get(foldName(name)) ?? name);
  }
  return [...found.values()];
}

/** Where a table's name stands: after FROM and JOIN, and after a comma in a FROM list. */
function* sourcePlaces(all: readonly Token[]): Generator<number> {
  const inFrom: boolean[] = [];
  for (const { token, depth, index } of withDepth(all)) {
    const next = all[index + 1];
    if (isWord(token, 'FROM') || isWord(token, 'JOIN')) inFrom[depth] = true;
    else if (endsFrom.some((word) => isWord(token, word))) inFrom[depth] = false;
    else if (token.text === '(') inFrom[depth + 1] = false;
    else if (token.text !== ',' || inFrom[depth] !== true) continue;
    const starts = token.text === ',' || isWord(token, 'FROM') || isWord(token, 'JOIN');
    if (!starts || !next || !isName(next)) continue;
    const after = all[index + 2];
    const isKeyword =
      isWord(next, 'LATERAL') || (isWord(next, 'ONLY') && after !== undefined && isName(after));
    if (!isKeyword) yield index + 1;
    else if (after && isName(after)) yield index + 2;
  }
}

const endsFrom = [
  'WHERE',
  'GROUP',
  'ORDER',
  'LIMIT',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'HAVING',
  'WINDOW',
  'SELECT',
];

/** Names before `AS (SELECT`, as WITH makes them. */
function commonNames(all: readonly Token[]): readonly string[] {
  if (!all.some((token) => isWord(token, 'WITH'))) return [];
  return all.flatMap((token, at) => {
    if (!isWord(token, 'AS') || all[at + 1]?.text !== '(' || !startsQuery(all[at + 2])) return [];
    const name = nameBefore(all, at);
    return name === undefined ? [] : [foldName(name)];
  });
}

const startsQuery = (token: Token | undefined) =>
  isWord(token, 'SELECT') || isWord(token, 'VALUES') || isWord(token, 'WITH');

/** The name before AS, stepping over a column list. */
function nameBefore(all: readonly Token[], at: number): string | undefined {
  let index = at - 1;
  if (all[index]?.text === ')') while (index > 0 && all[index]?.text !== '(') index -= 1;
  if (all[index]?.text === '(') index -= 1;
  return cursorOver(all.slice(index, index + 1)).name();
}
