import type { Piece, Sides } from './sides.ts';
import type { Placing } from './placing.ts';
import { dropRank, makeRank } from './ranks.ts';
import { isDropped, isMade, type State } from './state.ts';
import type { States } from './states.ts';

/** Some statements of the draft that stay together. */
export interface Move {
  readonly id: string;
  readonly key: string;
  readonly rank: number;
  readonly statements: readonly string[];
  readonly notes: readonly string[];
}

export const dropOf = (key: string) => `drop ${key}`;
export const makeOf = (key: string) => `make ${key}`;
export const renameOf = (key: string) => `rename ${key}`;
export const endOf = (key: string) => `end ${key}`;

/** What is to be done for one piece, without its place in the order. */
export function movesOf(key: string, state: State, sides: Sides, placing: Placing): readonly Move[] {
  const [old, next] = [sides.from.get(key), sides.to.get(key)];
  const moves: Move[] = [];
  if (old && isDropped(state) && placing.droppedWith(key) === key)
    moves.push({
      key,
      id: dropOf(key),
      rank: dropRank(old.unit.kind),
      statements: state.kind === 'remake' && old.unit.overwrites ? [] : old.unit.drop,
      notes: [],
    });
  if (next && placing.madeWith(key) === key) {
    const statements = makingOf(state, next);
    const notes = 'notes' in state ? state.notes : [];
    if (statements) moves.push({ key, id: makeOf(key), rank: makeRank(next.unit.kind), statements, notes });
  }
  if (state.kind === 'retype') {
    moves.push({ key, id: renameOf(key), rank: 0, statements: [state.rename], notes: [] });
    moves.push({ key, id: endOf(key), rank: dropRank('schema'), statements: [state.drop], notes: [] });
  }
  return moves;
}

function makingOf(state: State, { unit }: Piece): readonly string[] | undefined {
  if (isMade(state) || state.kind === 'overwrite' || state.kind === 'retype') return unit.make;
  return state.kind === 'alter' ? state.statements : undefined;
}

/** Each move that has to come before another: `[before, after]`. */
export function orderOf(
  sides: Sides,
  states: States,
  placing: Placing,
): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const dropped = (key: string) => dropOf(placing.droppedWith(key));
  const made = (key: string) => makeOf(placing.madeWith(key));
  for (const [key, state] of states) {
    const [old, next] = [sides.from.get(key), sides.to.get(key)];
    if (old && isDropped(state)) pairs.push(...old.needs.flatMap((need) => beforeDrop(dropped(key), need)));
    if (old && !isDropped(state) && state.kind !== 'keep')
      pairs.push(...old.needs.flatMap((need) => beforeGoing(key, need)));
    if (next && state.kind !== 'keep' && state.kind !== 'drop')
      pairs.push(...next.needs.map((need) => [made(need), made(key)] as const));
    if (state.kind === 'remake') pairs.push([dropped(key), made(key)]);
    if (state.kind === 'retype') pairs.push([renameOf(key), made(key)], [made(key), endOf(key)]);
  }
  return [
    ...pairs,
    ...namesFreed(sides, states, { dropped, made }),
    ...partsFirst(sides, states, { dropped, made }),
  ];

  function beforeDrop(drop: string, need: string): readonly (readonly [string, string])[] {
    const state = states.get(need);
    if (isDropped(state)) return [[drop, dropped(need)]];
    if (state?.kind === 'retype') return [[drop, renameOf(need)]];
    return state?.kind === 'alter' ? [[drop, made(need)]] : [];
  }

  /** What goes over to something else has to have done so before the first is dropped. */
  function beforeGoing(key: string, need: string): readonly (readonly [string, string])[] {
    const state = states.get(need);
    const over = states.get(key)?.kind === 'retype' ? endOf(key) : made(key);
    if (isDropped(state)) return [[over, dropped(need)]];
    return state?.kind === 'retype' ? [[over, endOf(need)]] : [];
  }
}

interface Places {
  readonly dropped: (key: string) => string;
  readonly made: (key: string) => string;
}

/** A name has to be free before something else is called so. */
function namesFreed({ from, to }: Sides, states: States, { dropped, made }: Places) {
  const leaving = new Map<string, string>();
  for (const piece of from.values()) {
    const isGoing = isDropped(states.get(piece.key));
    for (const name of piece.unit.names) if (isGoing) leaving.set(name, piece.key);
  }
  return [...to.values()].flatMap(({ key, unit }) =>
    isMade(states.get(key)) ? unit.names.flatMap((name) => freed(name, key)) : [],
  );

  function freed(name: string, key: string): readonly (readonly [string, string])[] {
    const other = leaving.get(name);
    return other === undefined || other === key ? [] : [[dropped(other), made(key)]];
  }
}

/** A table becomes a part once it has what parts need, and loses what it has of its own once it is one no more. */
function partsFirst({ from, to }: Sides, states: States, { dropped, made }: Places) {
  const pairs: (readonly [string, string])[] = [];
  const isOnTable = ({ unit }: Piece) => unit.kind === 'constraint' || unit.kind === 'index';
  for (const { key, unit, needs } of to.values()) {
    if (unit.kind !== 'attachment' || !isMade(states.get(key))) continue;
    const table = needs[0];
    for (const each of to.values())
      if (isOnTable(each) && table !== undefined && each.partOf.includes(table))
        pairs.push([made(each.key), made(key)]);
  }
  for (const { key, unit, needs } of from.values()) {
    if (unit.kind !== 'attachment' || !isDropped(states.get(key))) continue;
    const table = needs[0];
    for (const each of from.values())
      if (isOnTable(each) && table !== undefined && each.partOf.includes(table))
        pairs.push([dropped(key), dropped(each.key)]);
  }
  return pairs;
}
