import type { Unit, UnitStatement } from '../engine.ts';
import { fitsOneText } from './one-text.ts';

/** How a unit's statements go to the server: of our own none needs an answer before the next is sent. */
export interface Trips {
  /** Of our own, behind BEGIN. */
  readonly first: readonly UnitStatement[];
  readonly alone: readonly UnitStatement[];
  /** Of our own, in front of COMMIT. */
  readonly last: readonly UnitStatement[];
}

export function tripsOf({ statements }: Pick<Unit, 'statements'>): Trips {
  const isAlone = (one: UnitStatement) => one.role === 'migration' || !fitsOneText(one);
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
