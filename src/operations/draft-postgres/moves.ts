import type { Piece, Side, Sides } from './sides.ts';
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

/** Each move that has to come before another: `[before, after]`. */
export function orderOf({ sides, states, placing }: Drafting): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const dropped = (key: string) => dropOf(placing.droppedWith(key));
  const made = (key: string) => makeOf(placing.madeWith(key));
  for (const [key, state] of states) {
    const [old, next] = [sides.from.get(key), sides.to.get(key)];
    if (old && isDropped(state))
      pairs.push(...holding(old, state).flatMap((need) => beforeDrop(dropped(key), need)));
    if (old && !isDropped(state) && state.kind !== 'keep')
      pairs.push(...old.needs.flatMap((need) => beforeGoing(key, need)));
    if (next && state.kind !== 'keep' && state.kind !== 'drop')
      pairs.push(...next.needs.map((need) => [made(need), made(key)] as const));
    if (next?.unit.kind === 'column') pairs.push(...rowsOfOthers(next));
    if (state.kind === 'remake') pairs.push([dropped(key), made(key)]);
    if (state.kind === 'remake' && old?.unit.kind === 'function') pairs.push(...withoutOldColumns(old));
    if (state.kind === 'retype') pairs.push([renameOf(key), made(key)], [made(key), endOf(key)]);
  }
  return [
    ...pairs,
    ...namesFreed(sides, states, { dropped, made }),
    ...partsFirst(sides, states, { dropped, made }),
  ];

  /** What gives the rows of a table gives no column that is there no more. */
  function withoutOldColumns({ key, needs }: Piece): readonly (readonly [string, string])[] {
    const columns = needs.filter((need) => sides.from.get(need)?.unit.kind === 'column');
    const gone = columns.filter((need) => states.get(need)?.kind === 'drop');
    return gone.map((need) => [dropped(need), made(key)] as const);
  }

  /** A part that becomes another one takes the columns of its whole along before. */
  function holding({ unit, needs }: Piece, state: State): readonly string[] {
    if (unit.kind !== 'attachment' || state.kind !== 'remake') return needs;
    return needs.filter((key) => sides.from.get(key)?.unit.kind !== 'column');
  }

  /** Nothing alters a table once a column somewhere holds its rows. */
  function rowsOfOthers(column: Piece): readonly (readonly [string, string])[] {
    const others = column.needs.filter((key) => !column.partOf.includes(key));
    const tables = new Set(others.filter((key) => sides.to.get(key)?.unit.kind === 'table'));
    if (tables.size === 0) return [];
    const columns = [...sides.to.values()].filter(
      ({ unit, partOf }) => unit.kind === 'column' && partOf.some((key) => tables.has(key)),
    );
    return columns.map(({ key }) => [made(key), made(column.key)] as const);
  }

  function beforeDrop(drop: string, need: string): readonly (readonly [string, string])[] {
    const state = states.get(need);
    if (isDropped(state)) return isOfTable(need, drop) ? [] : [[drop, dropped(need)]];
    if (state?.kind === 'retype') return [[drop, renameOf(need)]];
    return state?.kind === 'alter' ? [[drop, made(need)]] : [];
  }

  /** That a table is a part ends before the table does, and all that goes with it. */
  function isOfTable(need: string, drop: string): boolean {
    const old = sides.from.get(need);
    return old?.unit.kind === 'attachment' && dropped(old.needs[0] ?? '') === drop;
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
  for (const { key, unit } of from.values()) {
    const state = states.get(key);
    const next = new Set(to.get(key)?.unit.names);
    const isRenamed = (name: string) => state?.kind === 'alter' && !next.has(name);
    for (const name of unit.names) {
      if (isDropped(state)) leaving.set(name, dropped(key));
      else if (isRenamed(name)) leaving.set(name, made(key));
    }
  }
  return [...to.values()].flatMap(({ key, unit }) => {
    const state = states.get(key);
    const isComing = isMade(state) || state?.kind === 'alter';
    return isComing ? unit.names.flatMap((name) => freed(name, made(key))) : [];
  });

  function freed(name: string, move: string): readonly (readonly [string, string])[] {
    const other = leaving.get(name);
    return other === undefined || other === move ? [] : [[other, move]];
  }
}

/**
 * A table becomes a part once it has what parts need, and loses what it has of its own once it is one no more. One that
 * becomes another part of the same whole has by then what the whole has.
 */
function partsFirst({ from, to }: Sides, states: States, { dropped, made }: Places) {
  const isOnTable = ({ unit }: Piece) => unit.kind === 'constraint' || unit.kind === 'index';
  const of = (side: Side, kind: State['kind']) =>
    [...side.values()].flatMap(({ key, unit, needs: [table = ''] }) =>
      unit.kind === 'attachment' && states.get(key)?.kind === kind
        ? [...side.values()].filter(({ partOf }) => partOf.includes(table)).map((each) => ({ key, each }))
        : [],
    );
  return [
    ...[...of(to, 'make'), ...of(to, 'remake')].flatMap(({ key, each }) =>
      isOnTable(each) ? [[made(each.key), made(key)] as const] : [],
    ),
    ...of(from, 'drop').flatMap(({ key, each }) =>
      isOnTable(each) ? [[dropped(key), dropped(each.key)] as const] : [],
    ),
    ...of(to, 'remake').flatMap(({ key, each }) =>
      each.follows === undefined ? [] : [[made(each.key), dropped(key)] as const],
    ),
    ...of(from, 'remake').flatMap(({ key, each }) =>
      each.follows === undefined ? [] : [[dropped(each.key), dropped(key)] as const],
    ),
  ];
}
