import type { Unit, UnitDetail } from '../../../schema/postgres/units/unit.ts';
import type { Schema, SchemaObject } from '../../../schema/schema.ts';

/** What a draft does not touch. */
export interface LeftAlone {
  /** What to draft for: with what is left alone as it is in the first schema. */
  readonly to: Schema;
  /** A sentence for each object, without its end. */
  readonly why: readonly string[];
}

/**
 * Leaves a table alone that is partitioned in one schema only, or by something else, or is stored in another way: no
 * statement brings it there. With it stay its parts, which hold its rows, and all that is said of them; what stands on
 * something that they lack stays as it is as well.
 */
export function leftAlone(from: Schema, to: Schema): LeftAlone {
  const tables = otherShapes(from, to);
  if (tables.length === 0) return { to, why: [] };
  const shapes = new Set(tables.map(({ key }) => key));
  const parts = new Set([...partsOf(shapes, from), ...partsOf(shapes, to)]);
  const all = new Set([...shapes, ...parts]);
  const [old, next] = [belonging(from, all), belonging(to, all)];
  const there = new Set(from.objects.flatMap(unitsOf).map(meaningOf));
  const standing = standingOn(to, { there, next });
  const named = new Set([...standing].map(nameOf));
  const kept = withNeeds(
    from.objects.filter((object) => old.has(object) || named.has(nameOf(object))),
    { from, to },
  );
  const isGone = (object: SchemaObject) => next.has(object) || standing.has(object);
  return {
    to: { objects: [...to.objects.filter((object) => !isGone(object)), ...kept] },
    why: [
      ...tables.map(({ detail }) => otherShape(detail.sql)),
      ...[...parts].map(
        (key) => `${key} is left alone, because it is a part of such a table in one of the two`,
      ),
      ...[...standing].map(
        (object) => `${nameOf(object)} is left alone, because it stands on what such a table does not have`,
      ),
    ],
  };
}

interface Table {
  readonly key: string;
  readonly detail: Extract<UnitDetail, { kind: 'table' }>;
}

function otherShapes(from: Schema, to: Schema): readonly Table[] {
  const before = new Map(tablesIn(from).map(({ key, detail }) => [key, detail.shape]));
  return tablesIn(to).filter(({ key, detail }) => (before.get(key) ?? detail.shape) !== detail.shape);
}

function tablesIn({ objects }: Schema): readonly Table[] {
  return objects
    .flatMap(unitsOf)
    .flatMap(({ key, detail }) => (detail.kind === 'table' ? [{ key, detail }] : []));
}

/** Keys of the tables that are parts of these, and of the parts of parts. */
function partsOf(keys: ReadonlySet<string>, { objects }: Schema): readonly string[] {
  const units = objects.flatMap(unitsOf);
  const tables = new Map(
    units.flatMap(({ key, detail, ids }) => (detail.kind === 'table' ? [[ids[0] ?? '', key] as const] : [])),
  );
  const attached = units.flatMap(({ kind, needs: [part = '', whole = ''] }) =>
    kind === 'attachment' ? [{ part: tables.get(part) ?? '', whole: tables.get(whole) ?? '' }] : [],
  );
  const found = new Set<string>();
  const open = [...keys];
  for (let key = open.shift(); key !== undefined; key = open.shift()) {
    for (const { part, whole } of attached) {
      if (whole !== key || found.has(part)) continue;
      found.add(part);
      open.push(part);
    }
  }
  return [...found];
}

/** The objects of these tables, and what goes with them. */
function belonging({ objects }: Schema, tables: ReadonlySet<string>): ReadonlySet<SchemaObject> {
  const own = objects.flatMap(unitsOf).filter(({ key }) => tables.has(key));
  return naming(objects, { first: own, by: ({ partOf }) => partOf, isNamed: () => true });
}

/** What of the second schema needs something that is only there in what is left alone. */
function standingOn(
  { objects }: Schema,
  { there, next }: { readonly there: ReadonlySet<string>; readonly next: ReadonlySet<SchemaObject> },
): ReadonlySet<SchemaObject> {
  const isMissing = (unit: Unit) => !there.has(meaningOf(unit));
  const first = [...next].flatMap(unitsOf).filter(isMissing);
  const found = naming(objects, { first, by: ({ needs }) => needs, isNamed: isMissing });
  return new Set([...found].filter((object) => !next.has(object)));
}

interface Naming {
  readonly first: readonly Unit[];
  /** The ids that a unit names. */
  readonly by: (unit: Unit) => readonly string[];
  /** Which units of an object that is found lead further. */
  readonly isNamed: (unit: Unit) => boolean;
}

/** The objects with a unit that names one of the first, or of an object that does. */
function naming(objects: readonly SchemaObject[], { first, by, isNamed }: Naming): ReadonlySet<SchemaObject> {
  const found = new Set<SchemaObject>();
  const ids = new Set(first.flatMap((unit) => unit.ids));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const object of objects) {
      if (found.has(object)) continue;
      const units = unitsOf(object);
      if (!units.some((unit) => by(unit).some((id) => ids.has(id)))) continue;
      found.add(object);
      for (const id of units.filter(isNamed).flatMap((unit) => unit.ids)) ids.add(id);
    }
  }
  return found;
}

/** With what they need that is in the first schema only: it stays where they stay. */
function withNeeds(
  kept: readonly SchemaObject[],
  { from, to }: { readonly from: Schema; readonly to: Schema },
): readonly SchemaObject[] {
  const there = new Set(to.objects.map(nameOf));
  const owners = new Map(from.objects.flatMap((object) => idsOf(object).map((id) => [id, object] as const)));
  const found = new Set(kept);
  for (const object of found) {
    for (const id of unitsOf(object).flatMap(({ needs }) => needs)) {
      const owner = owners.get(id);
      if (owner && !there.has(nameOf(owner))) found.add(owner);
    }
  }
  return [...found];
}

const unitsOf = ({ units = [] }: SchemaObject) => units;
const idsOf = (object: SchemaObject) => unitsOf(object).flatMap(({ ids }) => ids);
const meaningOf = ({ key, normal }: Unit) => `${key} ${normal}`;
const nameOf = ({ type, name }: SchemaObject) => `${type} ${name}`;

function otherShape(sql: string): string {
  return `table ${sql} stays as it is, because no statement changes whether and by what a table is partitioned, or how it is stored. Make a table of the other kind, and copy the rows`;
}
