import { unreachable } from '../../../lib/unreachable.ts';
import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import { columnChange } from './column-change.ts';
import { nameParts } from './name-parts.ts';
import { identityChange, sequenceChange } from './sequence-change.ts';
import type { Piece } from './sides.ts';
import { keep, type State } from './state.ts';
import type { StoredTypes } from './stored-types.ts';
import { renamedAway, typeChangeOf } from './type-change.ts';

/** What brings a piece to what it is in the other schema, where the two differ. */
export function changeOf(
  from: Piece,
  to: Piece,
  {
    stored,
    isUsedAtOnce,
  }: { readonly stored: StoredTypes; readonly isUsedAtOnce: (label: string) => boolean },
): State {
  const [old, next] = [from.unit.detail, to.unit.detail];
  switch (old.kind) {
    case 'column':
      return next.kind === 'column' ? columnChange(old, next, stored) : remake;
    case 'identity':
      return next.kind === 'identity' ? identityChange(old, next) : remake;
    case 'sequence':
      return next.kind === 'sequence' ? sequenceChange(old.row, next.row) : remake;
    case 'type':
      return next.kind === 'type' ? typeChangeOf(old, next, isUsedAtOnce) : remake;
    case 'constraint':
      return next.kind === 'constraint' ? constraintChange(old, next) : remake;
    case 'extension':
      return next.kind === 'extension'
        ? altered(`ALTER EXTENSION ${next.sql} SET SCHEMA ${next.schemaSql}`)
        : remake;
    case 'view':
      return next.kind === 'view' ? viewChange(to, old, next) : remake;
    case 'function':
      return next.kind === 'function' ? functionChange(from, to, { old, next }) : remake;
    case 'table':
    case 'schema':
      return keep;
    case 'plain':
      return plainChange(from, to);
    default:
      return unreachable(old);
  }
}

const remake: State = { kind: 'remake', notes: [] };

function altered(...statements: readonly string[]): State {
  return { kind: 'alter', statements, disturbs: 'nothing', notes: [] };
}

type Constraint = Extract<UnitDetail, { kind: 'constraint' }>;

/** One that is not proven yet is proven in place. */
function constraintChange({ row: old, tableSql }: Constraint, { row: next }: Constraint): State {
  return old.definition === `${next.definition} NOT VALID`
    ? altered(`ALTER TABLE ${tableSql} VALIDATE CONSTRAINT ${old.sql}`)
    : remake;
}

/** A name that was made up means nothing, until something else is to be called so. */
export function renamed({ unit: { detail: old } }: Piece, { unit: { detail: next } }: Piece): State {
  if (old.kind !== 'constraint' || next.kind !== 'constraint') return keep;
  return altered(`ALTER TABLE ${next.tableSql} RENAME CONSTRAINT ${old.row.sql} TO ${next.row.sql}`);
}

type View = Extract<UnitDetail, { kind: 'view' }>;

/** A view may get more columns at its end; its other columns have to stay. */
function viewChange({ unit }: Piece, old: View, next: View): State {
  const staysReadable = old.columns.every((column, at) => next.columns[at] === column);
  if (unit.kind !== 'view' || !staysReadable) return { kind: 'remake', notes: [withoutGrants(unit.key)] };
  const name = unit.key.replace(/^view /, '');
  const [create = '', ...defaults] = unit.make;
  const lost = old.defaults.filter((column) => !next.defaults.includes(column));
  return altered(
    ...lost.map((column) => `ALTER VIEW ${name} ALTER COLUMN ${column} DROP DEFAULT`),
    create.replace(/^CREATE VIEW/, 'CREATE OR REPLACE VIEW'),
    ...defaults,
  );
}

export function withoutGrants(key: string): string {
  return `The ${key.replace(/^materialized-/, 'materialized ')} is made anew, without what was granted on the old one.`;
}

type Function = Extract<UnitDetail, { kind: 'function' }>;

function functionChange(
  from: Piece,
  to: Piece,
  { old, next }: { readonly old: Function; readonly next: Function },
): State {
  return next.isAggregate || old.signature !== next.signature || givesOtherRows(from, to, next)
    ? { kind: 'remake', notes: [withoutGrants(to.key)] }
    : altered(next.body);
}

/**
 * A body that is kept parsed has to give the columns of the table whose rows the function returns: it fits neither
 * before the old ones are dropped, nor can they be dropped before it is another.
 */
function givesOtherRows(from: Piece, to: Piece, { signature }: Function): boolean {
  const isOfTable = to.needs.some(
    (key) => key.startsWith('table ') && signature.endsWith(` ${key.slice(6)}`),
  );
  return isOfTable && from.needs.some((key) => key.startsWith('column ') && !to.needs.includes(key));
}

function plainChange(from: Piece, { unit }: Piece): State {
  if (unit.kind === 'collation') return renamedAway('COLLATION', nameIn(from.unit.drop[0] ?? ''), []);
  if (unit.make.length === 0 && unit.kind !== 'index-part')
    return { kind: 'left', why: `${unit.key} is not valid there, and nothing makes one that is not` };
  return unit.overwrites ? { kind: 'overwrite', notes: [] } : remake;
}

/** `DROP COLLATION s.ci` → its name in parts. */
function nameIn(drop: string): { readonly schema: string; readonly name: string; readonly sql: string } {
  const sql = drop.replace(/^DROP COLLATION /, '');
  const { schema, name } = nameParts(sql);
  return { schema: bare(schema), name: bare(name), sql };
}

function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
