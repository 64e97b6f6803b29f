import { meaningfulTokens } from './tokens.ts';

/** The most SELECTs that are joined by UNION, EXCEPT or INTERSECT in one place of a statement. */
export function compoundTerms(sql: string): number {
  // Tokens of a long text take time; without a joining word there is nothing to count.
  if (!/\b(?:union|except|intersect)\b/i.test(sql)) return 1;
  let most = 1;
  let open: number[] = [];
  let terms = 1;
  for (const { kind, text } of meaningfulTokens(sql)) {
    if (text === '(') {
      open.push(terms);
      terms = 1;
    } else if (text === ')') {
      terms = open.pop() ?? 1;
    } else if (text === ';') {
      open = [];
      terms = 1;
    } else if (kind === 'word' && joining.has(text.toUpperCase())) {
      terms += 1;
      most = Math.max(most, terms);
    }
  }
  return most;
}

const joining = new Set(['UNION', 'EXCEPT', 'INTERSECT']);
