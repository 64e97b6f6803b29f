import { expressionTokens } from './expression-tokens.ts';

/**
 * A view's query as PostgreSQL 16 and later write it: where it reads from one thing only, columns stand without its
 * name. Earlier versions always put it before them, and a view would differ between two servers.
 *
 * @param query on one line
 */
export function unprefixed(query: string): string {
  const all = expressionTokens(query);
  const depths = depthsOf(all);
  const from = all.findIndex((text, at) => depths[at] === 0 && text === 'FROM');
  const behind = all.findIndex((text, at) => at > from && depths[at] === 0 && clauses.has(text));
  const end = behind < 0 ? all.length : behind;
  const isWhole = (text: string, at: number) => depths[at] === 0 && several.has(text);
  if (
    from < 0 ||
    all.some((text, at) => isWhole(text, at) || (at > from && at < end && isBetween(text, depths[at])))
  )
    return query;
  const name = nameOf(all.slice(from + 1, end), depths.slice(from + 1, end));
  const inner = subqueriesIn(all);
  return all
    .filter((text, at) => {
      if ((at >= from && at < end) || inner[at] === true) return true;
      const isPrefix = text === name && all[at + 1] === '.' && all[at + 2] !== '*' && all[at - 1] !== '.';
      const isDot = text === '.' && all[at - 1] === name && all[at + 1] !== '*' && all[at - 2] !== '.';
      return !isPrefix && !isDot;
    })
    .join('');
}

const clauses = new Set(['WHERE', 'GROUP', 'HAVING', 'WINDOW', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH', 'FOR']);
const several = new Set(['UNION', 'INTERSECT', 'EXCEPT']);

function isBetween(text: string, depth: number | undefined): boolean {
  return depth === 0 && (text === ',' || text === 'JOIN');
}

function depthsOf(all: readonly string[]): readonly number[] {
  let depth = 0;
  return all.map((text) => {
    if (text === ')') depth -= 1;
    const here = depth;
    if (text === '(') depth += 1;
    return here;
  });
}

/** `people`, `t` of `s.t`, `x` of `s.t x`: the last word outside parentheses. */
function nameOf(item: readonly string[], depths: readonly number[]): string | undefined {
  return item.findLast((text, at) => depths[at] === 0 && /^["\w$\u0080-\uffff]/.test(text));
}

/** Whether each token is in a query within the query, where names stay before columns. */
function subqueriesIn(all: readonly string[]): readonly boolean[] {
  const open: boolean[] = [];
  return all.map((text, at) => {
    if (text === ')') open.pop();
    const inside = open.at(-1) === true;
    if (text === '(') {
      const first = all.slice(at + 1, at + 3).find((next) => next.trim() !== '');
      open.push(inside || first === 'SELECT' || first === 'WITH' || first === 'VALUES');
    }
    return inside;
  });
}
