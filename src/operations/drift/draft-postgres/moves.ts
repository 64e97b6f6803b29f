import type { Piece, Sides } from './sides.ts';
import type { Placing } from './placing.ts';
import { dropRank, makeRank } from './ranks.ts';
import { numbering } from './numbering.ts';
import { isDropped, isMade, keep, type State } from './state.ts';
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

/** What is known once every piece has its state. */
export interface Drafting {
  readonly sides: Sides;
  readonly states: States;
  readonly placing: Placing;
}

/** What is to be done for one piece, without its place in the order. */
export function movesOf(key: string, drafting: Drafting): readonly Move[] {
  const state = drafting.states.get(key) ?? keep;
  return [...dropping(key, state, drafting), ...making(key, state, drafting), ...goingOver(key, state)];
}

function dropping(key: string, state: State, { sides, placing }: Drafting): readonly Move[] {
  const old = sides.from.get(key);
  if (!old || !isDropped(state) || placing.droppedWith(key) !== key) return [];
  const statements = state.kind === 'remake' && old.unit.overwrites ? [] : old.unit.drop;
  return [{ key, id: dropOf(key), rank: dropRank(old.unit.kind), statements, notes: [] }];
}

function making(key: string, state: State, { sides, states, placing }: Drafting): readonly Move[] {
  const next = sides.to.get(key);
  if (!next || placing.madeWith(key) !== key) return [];
  const made = makingOf(state, next);
  if (!made) return [];
  const statements = [...made, ...numbering(next, sides, states)];
  const notes = 'notes' in state ? state.notes : [];
  return [{ key, id: makeOf(key), rank: makeRank(next.unit.kind), statements, notes }];
}

/** Away with the name of a type before, and with the type once no column has it. */
function goingOver(key: string, state: State): readonly Move[] {
  if (state.kind !== 'retype') return [];
  return [
    { key, id: renameOf(key), rank: 0, statements: state.renames, notes: [] },
    { key, id: endOf(key), rank: dropRank('schema'), statements: [state.drop], notes: [] },
  ];
}

function makingOf(state: State, { unit }: Piece): readonly string[] | undefined {
  if (isMade(state) || state.kind === 'overwrite' || state.kind === 'retype') return unit.make;
  return state.kind === 'alter' ? state.statements : undefined;
}
