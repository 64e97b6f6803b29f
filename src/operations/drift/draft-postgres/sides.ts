import type { Schema } from '../../../schema/schema.ts';
import type { Unit } from '../../../schema/postgres/units/unit.ts';
import { sameUnits } from './same-units.ts';

/** A unit in the words of both schemas: what it names, it names by key. */
export interface Piece {
  readonly unit: Unit;
  readonly key: string;
  readonly needs: readonly string[];
  readonly partOf: readonly string[];
  readonly within: readonly string[];
  readonly follows: string | undefined;
  readonly apartWith: string | undefined;
}

export type Side = ReadonlyMap<string, Piece>;

export interface Sides {
  readonly from: Side;
  readonly to: Side;
  /** What needs each piece of the first, by its key. */
  readonly standingOn: ReadonlyMap<string, readonly Piece[]>;
}

/**
 * Two schemas as pieces that have the same key where they are the same thing. An object that stands in both as it is
 * was taken over from the first, and its ids are true there.
 */
export function sidesOf(from: Schema, to: Schema): Sides {
  const old = from.objects.flatMap(({ units = [] }) => units);
  const taken = new Set(from.objects);
  const [kept, own] = [true, false].map((isTaken) =>
    to.objects.filter((object) => taken.has(object) === isTaken).flatMap(({ units = [] }) => units),
  );
  const same = sameUnits(old, [...(kept ?? []), ...(own ?? [])]);
  const oldIds = idsOf(old, new Map());
  const ownIds = idsOf(own ?? [], same);
  const before = old.map((unit) => pieceOf(unit, unit.key, oldIds));
  const needed = before.flatMap((piece) => piece.needs.map((key) => ({ key, piece })));
  const standing = Map.groupBy(needed, ({ key }) => key);
  return {
    from: new Map(before.map((piece) => [piece.key, piece])),
    standingOn: new Map([...standing].map(([key, all]) => [key, all.map(({ piece }) => piece)])),
    to: new Map([
      ...(kept ?? []).map((unit) => [unit.key, pieceOf(unit, unit.key, oldIds)] as const),
      ...(own ?? []).map((unit) => {
        const key = same.get(unit) ?? unit.key;
        return [key, pieceOf(unit, key, ownIds)] as const;
      }),
    ]),
  };
}

function idsOf(units: readonly Unit[], same: ReadonlyMap<Unit, string>): ReadonlyMap<string, string> {
  return new Map(units.flatMap((unit) => unit.ids.map((id) => [id, same.get(unit) ?? unit.key])));
}

function pieceOf(unit: Unit, key: string, ids: ReadonlyMap<string, string>): Piece {
  const keysOf = (all: readonly string[]) =>
    [...new Set(all.flatMap((id) => ids.get(id) ?? []))].filter((other) => other !== key);
  const partOf = keysOf(unit.partOf);
  const keyOf = (id: string | undefined) => (id === undefined ? undefined : ids.get(id));
  return {
    unit,
    key,
    needs: [...new Set([...keysOf(unit.needs), ...partOf])],
    partOf,
    within: keysOf(unit.within),
    follows: keyOf(unit.follows),
    apartWith: keyOf(unit.apartWith),
  };
}
