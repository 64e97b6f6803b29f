import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import type { Side, Sides } from './sides.ts';

/** What a column of a type holds in each schema. */
export interface StoredTypes {
  /** Of a domain, what it is over. */
  readonly from: (type: string) => string;
  readonly to: (type: string) => string;
  /** Whether the text of a value would be read into other attributes than it was written from. */
  readonly isMovedAbout: (type: string) => boolean;
}

export function storedTypes({ from, to }: Pick<Sides, 'from' | 'to'>): StoredTypes {
  const [old, next] = [typesIn(from), typesIn(to)];
  return { from: storedIn(old), to: storedIn(next), isMovedAbout };

  function isMovedAbout(type: string): boolean {
    const name = storedIn(next)(type).replace(/(?:\[\])+$/, '');
    const [before, after] = [old.get(name)?.attributes ?? [], next.get(name)?.attributes ?? []];
    return after.some((each, at) => each.name !== before[at]?.name || isMovedAbout(each.type));
  }
}

type Types = ReadonlyMap<string, Extract<UnitDetail, { kind: 'type' }>>;

function typesIn(side: Side): Types {
  return new Map(
    [...side.values()].flatMap(({ unit: { detail } }) =>
      detail.kind === 'type' ? [[detail.row.sql, detail] as const] : [],
    ),
  );
}

function storedIn(types: Types): (type: string) => string {
  return function stored(type: string): string {
    const [, one = type, array = ''] = /^(.*?)(\[\])?$/.exec(type) ?? [];
    const row = types.get(one)?.row;
    return row?.kind === 'd' ? `${stored(row.base)}${array}` : type;
  };
}
