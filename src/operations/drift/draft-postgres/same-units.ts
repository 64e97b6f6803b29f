import type { Unit } from '../../../schema/postgres/units/unit.ts';

/**
 * Units that are the same thing under two names: of a constraint and of the sequence behind `serial` a name may be
 * made up, and then it means nothing.
 *
 * @returns the key that a unit of `next` has among `old`, where it is another one than its own
 */
export function sameUnits(old: readonly Unit[], next: readonly Unit[]): ReadonlyMap<Unit, string> {
  const found = new Map([...sameConstraints(old, next), ...sameSerials(old, next)]);
  const given = new Set(found.values());
  for (const unit of next) {
    if (found.has(unit) || !given.has(unit.key)) continue;
    // Its name is that of another one, which has its own name from now on.
    found.set(unit, `${unit.key} (new)`);
  }
  return found;
}

function sameConstraints(old: readonly Unit[], next: readonly Unit[]): readonly (readonly [Unit, string])[] {
  const known = new Map(old.filter(isConstraint).map((unit) => [unit.key, unit]));
  const settled = new Set(
    next.filter((unit) => known.get(unit.key)?.normal === unit.normal).map(({ key }) => key),
  );
  const open = Map.groupBy(
    [...known.values()].filter(({ key }) => !settled.has(key)),
    meaningOf,
  );
  return next
    .filter((unit) => isConstraint(unit) && !settled.has(unit.key))
    .flatMap((unit) => {
      const same = open.get(meaningOf(unit))?.shift();
      return same ? [[unit, same.key] as const] : [];
    });
}

const isConstraint = ({ detail }: Unit) => detail.kind === 'constraint';

function meaningOf({ detail, normal }: Unit): string {
  return detail.kind === 'constraint' ? `${detail.tableSql} ${normal}` : normal;
}

function sameSerials(old: readonly Unit[], next: readonly Unit[]): readonly (readonly [Unit, string])[] {
  const known = new Map(old.flatMap((unit) => serialIn(unit, old)));
  return next
    .flatMap((unit) => serialIn(unit, next))
    .flatMap(([column, units]) => {
      const before = known.get(column);
      return before ? units.flatMap((unit, at) => pairOf(unit, before[at])) : [];
    });
}

function pairOf(unit: Unit, before: Unit | undefined): readonly (readonly [Unit, string])[] {
  return before && before.key !== unit.key ? [[unit, before.key]] : [];
}

/** The sequence of a serial column, and that it goes with the column. */
function serialIn(unit: Unit, all: readonly Unit[]): readonly (readonly [string, readonly Unit[]])[] {
  if (unit.detail.kind !== 'sequence' || unit.detail.serialOf === undefined) return [];
  const owner = all.find(({ key }) => key === `owner of ${unit.key.replace(/^sequence /, '')}`);
  return [[unit.detail.serialOf, [unit, ...(owner ? [owner] : [])]]];
}
