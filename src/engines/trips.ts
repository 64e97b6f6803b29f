import type { Unit, UnitStatement } from './engine.ts';

/** How a unit's statements are sent: of our own none needs an answer before the next is sent. */
export interface Trips {
  /** Of our own, behind BEGIN. */
  readonly first: readonly UnitStatement[];
  readonly alone: readonly UnitStatement[];
  /** Of our own, in front of COMMIT. */
  readonly last: readonly UnitStatement[];
}

/** @param fits whether a statement can be in a text with others (`fitsOneText`, and what the engine asks besides) */
export function tripsOf(
  { statements }: Pick<Unit, 'statements'>,
  fits: (statement: UnitStatement) => boolean,
): Trips {
  const isAlone = (one: UnitStatement) => one.role === 'migration' || !fits(one);
  const next = statements.findIndex((one, index) => index >= mostTogether || isAlone(one));
  const begin = next === -1 ? statements.length : next;
  const end = Math.max(begin, statements.findLastIndex(isAlone) + 1, statements.length - mostTogether);
  return {
    first: statements.slice(0, begin),
    alone: statements.slice(begin, end),
    last: statements.slice(end),
  };
}

/** Corrections may be as many as there are records. */
const mostTogether = 100;
