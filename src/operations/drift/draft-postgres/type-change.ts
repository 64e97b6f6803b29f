import { unreachable } from '../../../lib/unreachable.ts';
import type { ColumnRow, DomainCheckRow, TypeRow } from '../../../schema/postgres/catalogue-rows.ts';
import { settled } from '../../../schema/postgres/settled.ts';
import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import { quoteName, quoteText } from '../../../sql/quote.ts';
import { fromText } from './conversion.ts';
import { roundingNotes } from './rounding.ts';
import type { State } from './state.ts';
import type { StoredTypes } from './stored-types.ts';

type Type = Extract<UnitDetail, { kind: 'type' }>;

/**
 * What brings a type to another one of its name.
 *
 * @param isUsedAtOnce whether a statement of the draft uses a value of an enum: PostgreSQL refuses that for one that
 * the same transaction added
 */
export function typeChangeOf(from: Type, to: Type, isUsedAtOnce: (label: string) => boolean): State {
  const { kind } = to.row;
  if (from.row.kind !== kind) return retyped(from.row);
  switch (kind) {
    case 'e':
      return enumChange(from.row, to.row, isUsedAtOnce);
    case 'd':
      return domainChange(from.row, to.row);
    case 'c':
      return compositeChange(from, to);
    case 'r':
      return retyped(from.row);
    default:
      return unreachable(kind);
  }
}

/** The old one under another name, until every column has the new one. */
export function retyped(row: TypeRow): State {
  const state = renamedAway(row.kind === 'd' ? 'DOMAIN' : 'TYPE', row, []);
  if (state.kind !== 'retype' || !row.range) return state;
  const schema = row.schema === 'public' ? '' : `${quoteName(row.schema)}.`;
  const { multirange, multirangeSql, subtype } = row.range;
  const old = quoteName(`${row.name.slice(0, 40)}__old`);
  const others = quoteName(`${row.name.slice(0, 40)}__old_multirange`);
  // What makes a range of two ends is called like the type, and does not go with its name.
  return {
    ...state,
    renames: [
      ...state.renames,
      `ALTER TYPE ${multirangeSql} RENAME TO ${others}`,
      `ALTER FUNCTION ${row.sql}(${subtype}, ${subtype}) RENAME TO ${old}`,
      `ALTER FUNCTION ${row.sql}(${subtype}, ${subtype}, text) RENAME TO ${old}`,
      `ALTER FUNCTION ${schema}${multirange}() RENAME TO ${others}`,
    ],
  };
}

/** @param row of a type or a collation */
export function renamedAway(
  word: string,
  row: { readonly schema: string; readonly name: string; readonly sql: string },
  notes: readonly string[],
): State {
  const old = quoteName(`${row.name.slice(0, 40)}__old`);
  const schema = row.schema === 'public' ? '' : `${quoteName(row.schema)}.`;
  return {
    kind: 'retype',
    renames: [`ALTER ${word} ${row.sql} RENAME TO ${old}`],
    drop: `DROP ${word} ${schema}${old}`,
    notes,
  };
}

function enumChange(from: TypeRow, to: TypeRow, isUsedAtOnce: (label: string) => boolean): State {
  const [old, next] = [from.labels ?? [], to.labels ?? []];
  const added = next.filter((label) => !old.includes(label));
  const gone = old.filter((label) => !next.includes(label));
  const isInOrder = next.filter((label) => old.includes(label)).every((label, at) => label === old[at]);
  if (gone.length === 0 && isInOrder && !added.some(isUsedAtOnce)) {
    return { kind: 'alter', statements: addedValues(to.sql, old, next), disturbs: 'nothing', notes: [] };
  }
  const notes =
    gone.length > 0
      ? [
          `A row with ${gone.map(quoteText).join(' or ')} stops this: ${to.sql} has no such value any more.`,
          ...renamedValue(to.sql, old, next),
        ]
      : isInOrder
        ? [
            'A value that a transaction added cannot be used in it, so that the type is made anew. Where ADD VALUE runs in a migration before, the tables need not be written anew.',
          ]
        : [];
  return withNotes(retyped(from), notes);
}

/** One value in the place of another, and nothing else. */
function renamedValue(sql: string, old: readonly string[], next: readonly string[]): readonly string[] {
  const differing = next.flatMap((label, at) => (label === old[at] ? [] : [at]));
  const [at = -1] = differing;
  const [was, is] = [old[at], next[at]];
  if (old.length !== next.length || differing.length !== 1 || was === undefined || is === undefined)
    return [];
  if (next.includes(was) || old.includes(is)) return [];
  return [
    `Where ${quoteText(is)} is ${quoteText(was)} under another name, this takes the place of all that is made anew for it: ALTER TYPE ${sql} RENAME VALUE ${quoteText(was)} TO ${quoteText(is)};`,
  ];
}

/** From the first to the last, each behind the one before it. */
function addedValues(sql: string, old: readonly string[], next: readonly string[]): readonly string[] {
  const first = old[0];
  return next.flatMap((label, at) => {
    if (old.includes(label)) return [];
    const before = next[at - 1];
    const place =
      before !== undefined
        ? ` AFTER ${quoteText(before)}`
        : first === undefined
          ? ''
          : ` BEFORE ${quoteText(first)}`;
    return [`ALTER TYPE ${sql} ADD VALUE ${quoteText(label)}${place}`];
  });
}

function domainChange(from: TypeRow, to: TypeRow): State {
  if (from.base !== to.base || from.collation !== to.collation) return retyped(from);
  const alter = `ALTER DOMAIN ${to.sql}`;
  const statements = [
    ...droppedChecks(from, to).map(({ sql }) => `${alter} DROP CONSTRAINT ${sql}`),
    ...(from.default === to.default
      ? []
      : [`${alter} ${to.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${to.default}`}`]),
    ...(from.notNull === to.notNull ? [] : [`${alter} ${to.notNull ? 'SET' : 'DROP'} NOT NULL`]),
    ...droppedChecks(to, from).map(({ sql, definition }) => `${alter} ADD CONSTRAINT ${sql} ${definition}`),
  ];
  return { kind: 'alter', statements, disturbs: 'nothing', notes: [] };
}

/** The checks of one that the other has not, whatever they are called. */
function droppedChecks(one: TypeRow, other: TypeRow): readonly DomainCheckRow[] {
  const meaning = ({ name, definition }: DomainCheckRow) =>
    `${/_check\d*$/.test(name) ? '' : name} ${settled(definition)}`;
  const left = (other.checks ?? []).map(meaning);
  return (one.checks ?? []).filter((check) => {
    const at = left.indexOf(meaning(check));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Attributes are added at the end only, and none gets another type in place: columns of the type would hold it. */
function compositeChange(from: Type, to: Type): State {
  const anew = withNotes(retyped(from.row), attributeNotes(from, to));
  const isOtherwise = (old: ColumnRow) =>
    to.attributes.some((next) => next.name === old.name && !isSame(old, next));
  if (from.attributes.some(isOtherwise)) return anew;
  const kept = to.attributes.filter((next) => from.attributes.some((old) => isSame(old, next)));
  const isAppended = kept.every((next, at) => to.attributes[at] === next);
  const stays = from.attributes.filter((old) => kept.some((next) => isSame(old, next)));
  const isInOrder = stays.every((old, at) => kept[at]?.name === old.name);
  if (!isAppended || !isInOrder || kept.length === 0) return anew;
  const gone = from.attributes.filter((old) => !stays.includes(old));
  const added = to.attributes.filter((next) => !kept.includes(next));
  const alter = `ALTER TYPE ${to.row.sql}`;
  return {
    kind: 'alter',
    statements: [
      ...gone.map(({ sql }) => `${alter} DROP ATTRIBUTE ${sql} CASCADE`),
      ...added.map((each) => `${alter} ADD ATTRIBUTE ${attribute(each)} CASCADE`),
    ],
    disturbs: 'nothing',
    notes: attributeNotes(from, to),
  };
}

/** What values of a composite type lose with its attributes. */
function attributeNotes(from: Type, to: Type): readonly string[] {
  const values = `values of ${to.row.sql}`;
  return from.attributes.flatMap((old) => {
    const next = to.attributes.find(({ name }) => name === old.name);
    return next
      ? roundingNotes(`${old.sql} in ${values}`, old.type, next.type)
      : [`What ${old.sql} holds in ${values} is lost.`];
  });
}

function withNotes(state: State, notes: readonly string[]): State {
  return state.kind === 'retype' ? { ...state, notes } : state;
}

function isSame(old: ColumnRow, next: ColumnRow): boolean {
  return old.name === next.name && old.type === next.type && old.collation === next.collation;
}

function attribute({ sql, type, collation }: ColumnRow): string {
  return `${sql} ${type}${collation === null ? '' : ` COLLATE ${collation}`}`;
}

/**
 * How a value of the old type becomes one of the new; a composite one attribute by attribute, as one text: reading that
 * refuses what is too long, a cast of the attribute would cut it.
 *
 * @returns undefined where an array, or what is in an attribute, is of a composite type whose attributes move
 */
export function castTo(column: ColumnRow, { from, to, stored }: Retyping): string | undefined {
  const isComposite =
    from?.kind === 'type' && to?.kind === 'type' && from.row.kind === 'c' && to.row.kind === 'c';
  if (!isComposite || column.type !== to.row.sql) {
    return stored.isMovedAbout(column.type)
      ? undefined
      : ` USING ${fromText(column.sql, column.type, stored.to(column.type))}`;
  }
  if (to.attributes.some(({ type }) => stored.isMovedAbout(type))) return undefined;
  const values = to.attributes.map((next) =>
    from.attributes.some(({ name }) => name === next.name) ? `(${column.sql}).${next.sql}::text` : 'NULL',
  );
  return ` USING CASE WHEN ${column.sql} IS NOT DISTINCT FROM NULL THEN NULL ELSE ROW(${values.join(', ')})::text::${column.type} END`;
}

interface Retyping {
  readonly from: UnitDetail | undefined;
  readonly to: UnitDetail | undefined;
  readonly stored: StoredTypes;
}
