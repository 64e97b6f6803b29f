import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import { quoteText } from '../../../sql/quote.ts';
import { changeOf, renamed, withoutGrants } from './change.ts';
import { leftColumns } from './left-columns.ts';
import { namesWanted } from './names-wanted.ts';
import { typeChange } from './column-change.ts';
import type { Piece, Sides } from './sides.ts';
import { drop, isDropped, keep, type State } from './state.ts';
import { storedTypes, type StoredTypes } from './stored-types.ts';
import { castTo, retyped } from './type-change.ts';

export type States = ReadonlyMap<string, State>;

/** What becomes of every piece of both schemas, what stands on something that is dropped or gets another type included. */
export function statesOf(sides: Sides): States {
  const stored = storedTypes(sides);
  const states = new Map(first(sides, stored));
  for (const [key, state] of leftColumns(states, sides.from)) states.set(key, state);
  const open = [...states.keys()];
  for (let key = open.shift(); key !== undefined; key = open.shift()) {
    for (const [other, state] of disturbedBy(key, states, { ...sides, stored })) {
      states.set(other, state);
      open.push(other);
    }
  }
  return states;
}

/** By what differs alone. */
function first(sides: Sides, stored: StoredTypes): readonly (readonly [string, State])[] {
  const { from, to } = sides;
  const isUsed = usesOfValues(sides);
  const isWanted = namesWanted(sides);
  return [...new Set([...from.keys(), ...to.keys()])].map((key) => {
    const [old, next] = [from.get(key), to.get(key)];
    if (!next) return [key, old && staysForUs(old) ? keep : drop] as const;
    if (!old) return [key, made(next)] as const;
    if (old.unit.normal === next.unit.normal)
      return [key, isWanted(old, next) ? renamed(old, next) : keep] as const;
    return [key, changeOf(old, next, { stored, isUsedAtOnce: (label) => isUsed(key, label) })] as const;
  });
}

function staysForUs({ unit: { detail } }: Piece): boolean {
  return detail.kind === 'schema' && detail.holdsOurs;
}

function made({ unit }: Piece): State {
  if (unit.make.length === 0 && unit.kind !== 'index-part')
    return { kind: 'left', why: `${unit.key} is not valid there, and nothing makes one that is not` };
  return { kind: 'make', notes: [] };
}

/** Whether anything that is made or another one than before has a value of an enum in it. */
function usesOfValues({ from, to }: Sides): (type: string, label: string) => boolean {
  const changed = [...to.values()].filter((piece) => from.get(piece.key)?.unit.normal !== piece.unit.normal);
  return (type, label) =>
    changed.some(
      ({ key, needs, unit }) =>
        key !== type &&
        unit.kind !== 'comment' &&
        isAbout(needs, type, to) &&
        unit.make.some((sql) => holdsLabel(sql, label)),
    );
}

/** Alone or in an array, but as a text: `order` is no value in `CREATE TABLE orders`. */
function holdsLabel(sql: string, label: string): boolean {
  const texts = sql.match(/'(?:[^']|'')*'/g) ?? [];
  return texts.some((text) => text.includes(quoteText(label).slice(1, -1)));
}

/** The type itself, a column of it, or what is made from such. */
function isAbout(needs: readonly string[], type: string, to: Sides['to']): boolean {
  return needs.some((key) => key === type || to.get(key)?.needs.includes(type) === true);
}

/** What else has to change because of what becomes of a piece. */
function disturbedBy(
  key: string,
  states: States,
  { from, to, standingOn, stored }: Sides & { readonly stored: StoredTypes },
): readonly (readonly [string, State])[] {
  const state = states.get(key) ?? keep;
  const piece = from.get(key);
  if (!piece || state.kind === 'keep' || state.kind === 'make' || state.kind === 'left') return [];
  return (standingOn.get(key) ?? []).flatMap((other) => {
    const before = states.get(other.key) ?? keep;
    const after = disturbed(other, to.get(other.key), { key, state, piece, before, to, stored });
    return after && isFurther(after, before) ? [[other.key, after] as const] : [];
  });
}

function isFurther(after: State, before: State): boolean {
  if (after.kind !== 'alter' || before.kind !== 'alter') return after.kind !== before.kind;
  return after.disturbs === 'all' && before.disturbs !== 'all';
}

interface Cause {
  readonly key: string;
  readonly state: State;
  readonly piece: Piece;
  /** What was to become of it until now. */
  readonly before: State;
  readonly to: Sides['to'];
  readonly stored: StoredTypes;
}

/** What becomes of a piece that stands on another; undefined where nothing new does. */
function disturbed(other: Piece, next: Piece | undefined, cause: Cause): State | undefined {
  const { state, before, key } = cause;
  if (before.kind === 'drop' || before.kind === 'remake' || before.kind === 'left' || !next) return undefined;
  // A table stays a part whatever becomes of the columns, and a sequence stays without the one that it went with.
  const isOfItsOwn = other.unit.kind === 'attachment' || other.unit.kind === 'sequence';
  if (isOfItsOwn && cause.piece.unit.kind === 'column') return undefined;
  // What points to a partitioned table points to the other parts as well.
  const isPartGone = cause.piece.unit.kind === 'attachment' && state.kind === 'drop';
  if (isPartGone && other.unit.kind === 'foreign-key') return undefined;
  if (isDropped(state)) {
    if (next.needs.includes(key) && !cause.to.has(key))
      return { kind: 'left', why: standsInTheWay(next, key) };
    const isFree = before.kind !== 'keep' && !next.needs.includes(key);
    return isFree || before.kind === 'retype' ? undefined : anew(next);
  }
  if (state.kind === 'retype') return onOtherType(other, next, cause);
  if (state.kind !== 'alter' || state.disturbs === 'nothing') return undefined;
  return isTakenAlong(other, cause) ? undefined : anew(next);
}

/** Of what may differ, and stands on what is not to be there. */
function standsInTheWay({ key }: Piece, on: string): string {
  return `${key} may be there, and stands on ${on}, which goes: drop it by hand, or let that stay as well`;
}

function anew({ unit }: Piece): State {
  const isGranted = unit.kind === 'view' || unit.kind === 'function' || unit.kind === 'materialized-view';
  return { kind: 'remake', notes: isGranted ? [withoutGrants(unit.key)] : [] };
}

/** What stands on a type that is made anew: a column goes over to it, another type is made anew as well. */
function onOtherType(
  other: Piece,
  next: Piece,
  { before, piece, key, to, stored }: Cause,
): State | undefined {
  const [old, now] = [other.unit.detail, next.unit.detail];
  if (old.kind === 'column' && now.kind === 'column') {
    if (!next.needs.includes(key)) return undefined;
    if (now.row.generated !== '') return anew(next);
    const using =
      piece.unit.kind === 'collation'
        ? ''
        : castTo(now.row, { from: piece.unit.detail, to: to.get(key)?.unit.detail, stored });
    return using === undefined
      ? { kind: 'left', why: movedAbout(now) }
      : typeChange(old, now, { stored, using });
  }
  if (before.kind === 'retype') return undefined;
  return old.kind === 'type' ? retyped(old.row) : anew(next);
}

function movedAbout({ row, tableSql }: Extract<UnitDetail, { kind: 'column' }>): string {
  return `column ${row.sql} of ${tableSql} stays as it is, because the attributes inside of its ${row.type} change places, and its values would be read into the wrong ones. Add a column of the new type, and copy the values`;
}

/** Whether PostgreSQL takes it along when the column that it stands on gets another type. */
function isTakenAlong({ unit, follows }: Piece, { state, key }: Cause): boolean {
  const isOfKind = state.kind === 'alter' && state.disturbs === 'some';
  switch (unit.kind) {
    case 'not-null':
    case 'comment':
    case 'index-part':
    case 'ownership':
    case 'attachment':
    case 'identity':
    case 'index-setting':
      return true;
    case 'column':
      return follows === key;
    case 'foreign-key':
      return isOfKind;
    case 'constraint':
      return isOfKind && unit.detail.kind === 'constraint' && 'pu'.includes(unit.detail.row.kind);
    case 'index':
      return isOfKind && isPlain(unit.make[0] ?? '');
    case 'default':
      return isOfKind && unit.normal === 'serial';
    default:
      return false;
  }
}

/** An index on columns alone, without an expression or a condition. */
function isPlain(sql: string): boolean {
  return /^[^(]*\([^()]*\)(?: INCLUDE \([^()]*\))?(?: WITH \([^()]*\))?$/.test(sql);
}
