import type { Piece, Side, Sides } from './sides.ts';
import { isDropped, isMade } from './state.ts';
import type { States } from './states.ts';

/** With which statement a piece is dropped and made: its own, or that of what it belongs to. */
export interface Placing {
  /** The piece with whose DROP it goes; itself where it has one of its own. */
  readonly droppedWith: (key: string) => string;
  /** The piece with whose statement it comes or is altered; itself where it has one of its own. */
  readonly madeWith: (key: string) => string;
}

export function placingOf({ from, to }: Sides, states: States): Placing {
  const dropped = new Map<string, string>();
  const made = new Map<string, string>();
  return {
    droppedWith: (key) => droppedWith(key, { side: from, states, known: dropped }),
    madeWith: (key) => madeWith(key, { side: to, states, known: made }),
  };
}

interface Search {
  readonly side: Side;
  readonly states: States;
  readonly known: Map<string, string>;
}

/** It goes along with its table only where all that it needs goes in the same moment, or stays; with its whole always. */
function droppedWith(key: string, search: Search): string {
  const { side, states, known } = search;
  const before = known.get(key);
  if (before !== undefined) return before;
  known.set(key, key);
  const piece = side.get(key);
  const isGone = (each: string | undefined) => each !== undefined && isDropped(states.get(each));
  const gone = piece?.partOf.filter((each) => each !== piece.follows && isGone(each)) ?? [];
  // That an index is a part of another goes when its table is no part any more, even if the index is made anew.
  const owner = gone.find((each) => states.get(each)?.kind === 'drop') ?? gone[0];
  const along =
    piece && owner !== undefined ? goingWith(piece, droppedWith(owner, search), search) : undefined;
  const whole = isGone(piece?.follows) ? piece?.follows : undefined;
  const found = along ?? (whole === undefined ? key : droppedWith(whole, search));
  known.set(key, found);
  return found;
}

function goingWith(piece: Piece, root: string, search: Search): string | undefined {
  const { side, states } = search;
  if (piece.unit.kind === 'attachment') {
    // https://www.postgresql.org/docs/current/ddl-partitioning.html: a part that a foreign key points to is detached first.
    const isPointedTo = ({ key, needs, unit }: Piece) =>
      unit.kind === 'foreign-key' && needs.includes(piece.key) && !isDropped(states.get(key));
    return [...side.values()].some(isPointedTo) ? undefined : root;
  }
  const others = piece.needs.filter((each) => !piece.partOf.includes(each));
  const stands = (each: string) => !isDropped(states.get(each)) && states.get(each)?.kind !== 'retype';
  const isAlong = (each: string) => isDropped(states.get(each)) && droppedWith(each, search) === root;
  return others.every((each) => stands(each) || isAlong(each)) ? root : undefined;
}

function madeWith(key: string, search: Search): string {
  const { side, known } = search;
  const before = known.get(key);
  if (before !== undefined) return before;
  known.set(key, key);
  const found = ownerOfMaking(key, search);
  const root = found === undefined ? key : madeWith(found, search);
  const isLate = side.get(key)?.unit.late === true && side.get(root)?.unit.kind === 'table';
  known.set(key, isLate ? key : root);
  return known.get(key) ?? key;
}

function ownerOfMaking(key: string, { side, states }: Search): string | undefined {
  const piece: Piece | undefined = side.get(key);
  const state = states.get(key);
  if (!piece || !state) return undefined;
  if (piece.apartWith !== undefined && states.get(piece.apartWith)?.kind === 'make') return undefined;
  if (isMade(state)) return piece.within.find((each) => isMade(states.get(each)));
  const isFollowing = piece.follows !== undefined && states.get(piece.follows)?.kind === state.kind;
  return state.kind === 'alter' && isFollowing ? piece.follows : undefined;
}
