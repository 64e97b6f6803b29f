import type { UnitKind } from '../../../schema/postgres/units/unit.ts';

/** Where nothing else decides, what is dropped comes first, and what others stand on is made before them. */
export function dropRank(kind: UnitKind): number {
  // What is of an extension is told nowhere: it goes when nothing can have any of it any more.
  return kind === 'extension' || kind === 'schema'
    ? 1000 + dropOrder.indexOf(kind)
    : 1 + dropOrder.indexOf(kind);
}

/** See `dropRank`; making begins where dropping ends. */
export function makeRank(kind: UnitKind): number {
  return 100 + makeOrder.indexOf(kind);
}

const makeOrder: readonly UnitKind[] = [
  'schema',
  'extension',
  'collation',
  'type',
  'domain',
  'sequence',
  'table',
  'column',
  'not-null',
  'default',
  'identity',
  'ownership',
  'attachment',
  'function',
  'setting',
  'constraint',
  'index',
  'index-part',
  'foreign-key',
  'index-setting',
  'view',
  'materialized-view',
  'statistics',
  'rule',
  'trigger',
  'policy',
  'comment',
];

const dropOrder = makeOrder.toReversed();
