import type { SchemaObject } from '../../schema.ts';
import type { Reading } from '../reading.ts';
import { idOf } from '../ids.ts';
import { part } from './part.ts';
import type { Unit, UnitDetail, UnitKind } from './unit.ts';

export interface WholeUnit {
  readonly kind: UnitKind;
  readonly sql: string;
  /** As DROP takes it: `VIEW users`. */
  readonly called: string;
  readonly ids: readonly string[];
  readonly names?: readonly string[];
  readonly partOf?: readonly string[];
  readonly follows?: string;
  readonly needs?: readonly string[];
  readonly detail?: UnitDetail;
}

/** An object that no statement changes in parts: what its statements need, it needs. */
export function wholeUnit(
  object: Pick<SchemaObject, 'normal' | 'making'>,
  {
    kind,
    sql,
    called,
    ids,
    names = [],
    partOf = [],
    needs = [],
    detail = { kind: 'plain' },
    ...rest
  }: WholeUnit,
  reading: Reading,
): Unit {
  const making = object.making ?? [];
  const all = [
    ...making.flatMap((step) => step.needs),
    ...reading.needsOf(...ids),
    ...reading.usesOf(...ids),
    ...needs,
  ];
  return {
    ...part('', `${kind} ${sql}`, object.normal),
    kind,
    ids: [...new Set([...ids, ...making.flatMap((step) => step.ids)])],
    needs: [...new Set(all)].filter((id) => !ids.includes(id)),
    partOf,
    ...rest,
    make: making.map((step) => step.sql),
    drop: [`DROP ${called}`],
    names,
    detail,
  };
}

/** What a relation is called by, where nothing else can be called so. */
export const relationNames = (sql: string): readonly string[] => [`relation ${sql}`, `type ${sql}`];

/** What stands on a table or view goes with it. */
export const onRelation = (oid: string): readonly string[] => [idOf.relation(oid)];
