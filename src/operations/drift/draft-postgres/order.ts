import { dropOf, endOf, makeOf, renameOf, type Drafting } from './moves.ts';
import type { Placing } from './placing.ts';
import type { Piece, Side, Sides } from './sides.ts';
import { isDropped, isMade, type State } from './state.ts';
import type { States } from './states.ts';

/** Of two moves, the one that has to come before the other, by their ids. */
export type Pair = readonly [before: string, after: string];

/** Each move of a draft that has to come before another. */
export function orderOf(drafting: Drafting): readonly Pair[] {
  const { sides, states } = drafting;
  const names = namesOf(drafting.placing);
  const around = { sides, states, ...names };
  return [
    ...[...states].flatMap(([key, state]) => [
      ...beforeItGoes(key, state, around),
      ...beforeItComes(key, state, around),
      ...inItself(key, state, around),
    ]),
    ...namesFreed(sides, states, names),
    ...partsFirst(sides, states, names),
  ];
}

/** By which move a piece goes, and by which it comes. */
interface Names {
  readonly dropped: (key: string) => string;
  readonly made: (key: string) => string;
}

function namesOf(placing: Placing): Names {
  return {
    dropped: (key) => dropOf(placing.droppedWith(key)),
    made: (key) => makeOf(placing.madeWith(key)),
  };
}

interface Around extends Names {
  readonly sides: Sides;
  readonly states: States;
}

/** What stands on something goes before it does. */
function beforeItGoes(key: string, state: State, around: Around): readonly Pair[] {
  const old = around.sides.from.get(key);
  if (!old || state.kind === 'keep') return [];
  if (!isDropped(state)) return old.needs.flatMap((need) => beforeGoing(key, need, around));
  const drop = around.dropped(key);
  return holding(old, state, around).flatMap((need) => beforeDrop(drop, need, around));
}

/** A part that becomes another one takes the columns of its whole along before. */
function holding({ unit, needs }: Piece, state: State, { sides }: Around): readonly string[] {
  if (unit.kind !== 'attachment' || state.kind !== 'remake') return needs;
  return needs.filter((key) => sides.from.get(key)?.unit.kind !== 'column');
}

function beforeDrop(drop: string, need: string, around: Around): readonly Pair[] {
  const state = around.states.get(need);
  if (isDropped(state)) return isOfTable(need, drop, around) ? [] : [[drop, around.dropped(need)]];
  if (state?.kind === 'retype') return [[drop, renameOf(need)]];
  return state?.kind === 'alter' ? [[drop, around.made(need)]] : [];
}

/** That a table is a part ends before the table does, and all that goes with it. */
function isOfTable(need: string, drop: string, { sides, dropped }: Around): boolean {
  const old = sides.from.get(need);
  return old?.unit.kind === 'attachment' && dropped(old.needs[0] ?? '') === drop;
}

/** What goes over to something else has to have done so before the first is dropped. */
function beforeGoing(key: string, need: string, { states, dropped, made }: Around): readonly Pair[] {
  const state = states.get(need);
  const over = states.get(key)?.kind === 'retype' ? endOf(key) : made(key);
  if (isDropped(state)) return [[over, dropped(need)]];
  return state?.kind === 'retype' ? [[over, endOf(need)]] : [];
}

/** What something stands on is there before it is. */
function beforeItComes(key: string, state: State, around: Around): readonly Pair[] {
  const next = around.sides.to.get(key);
  if (!next) return [];
  const isComing = state.kind !== 'keep' && state.kind !== 'drop';
  return [
    ...(isComing ? next.needs.map((need): Pair => [around.made(need), around.made(key)]) : []),
    ...(next.unit.kind === 'column' ? rowsOfOthers(next, around) : []),
  ];
}

/** Nothing alters a table once a column somewhere holds its rows. */
function rowsOfOthers(column: Piece, { sides, made }: Around): readonly Pair[] {
  const others = column.needs.filter((key) => !column.partOf.includes(key));
  const tables = new Set(others.filter((key) => sides.to.get(key)?.unit.kind === 'table'));
  if (tables.size === 0) return [];
  const columns = [...sides.to.values()].filter(
    ({ unit, partOf }) => unit.kind === 'column' && partOf.some((key) => tables.has(key)),
  );
  return columns.map(({ key }) => [made(key), made(column.key)]);
}

/** What is made again goes first; a type that is replaced is renamed first, and ends last. */
function inItself(key: string, state: State, around: Around): readonly Pair[] {
  const { sides, dropped, made } = around;
  if (state.kind === 'retype')
    return [
      [renameOf(key), made(key)],
      [made(key), endOf(key)],
    ];
  if (state.kind !== 'remake') return [];
  const old = sides.from.get(key);
  const again: Pair = [dropped(key), made(key)];
  return old?.unit.kind === 'function' ? [again, ...withoutOldColumns(old, around)] : [again];
}

/** What gives the rows of a table gives no column that is there no more. */
function withoutOldColumns({ key, needs }: Piece, { sides, states, dropped, made }: Around): readonly Pair[] {
  const columns = needs.filter((need) => sides.from.get(need)?.unit.kind === 'column');
  const gone = columns.filter((need) => states.get(need)?.kind === 'drop');
  return gone.map((need) => [dropped(need), made(key)]);
}

/** A name has to be free before something else is called so. */
function namesFreed({ from, to }: Sides, states: States, { dropped, made }: Names) {
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
function partsFirst({ from, to }: Sides, states: States, { dropped, made }: Names) {
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
