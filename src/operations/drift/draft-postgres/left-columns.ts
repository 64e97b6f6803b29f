import type { Side } from './sides.ts';
import { keep, type State } from './state.ts';

/**
 * A column has one type in a table and in all that has it from there: where it stays in one of them, because that is
 * partitioned by it, it stays in all.
 *
 * @returns what becomes of these columns instead, by key
 */
export function leftColumns(
  states: ReadonlyMap<string, State>,
  from: Side,
): readonly (readonly [string, State])[] {
  const left = new Map<string, State>();
  for (const [key, state] of states) {
    if (state.kind === 'left' && from.get(key)?.unit.kind === 'column') left.set(topOf(key), state);
  }
  if (left.size === 0) return [];
  const columns = [...states.keys()].filter((key) => from.get(key)?.unit.kind === 'column');
  return columns.flatMap((key) => {
    const top = left.get(topOf(key));
    return top ? [[key, key === topOf(key) ? top : keep] as const] : [];
  });

  function topOf(key: string): string {
    const above = from.get(key)?.follows;
    return above === undefined ? key : topOf(above);
  }
}
