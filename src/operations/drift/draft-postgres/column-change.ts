import type { ColumnRow } from '../../../schema/postgres/catalogue-rows.ts';
import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import { conversionOf } from './conversion.ts';
import { roundingNotes } from './rounding.ts';
import type { State } from './state.ts';
import type { StoredTypes } from './stored-types.ts';

type Column = Extract<UnitDetail, { kind: 'column' }>;

/** What brings a column's type, collation and expression to another's. */
export function columnChange(from: Column, to: Column, stored: StoredTypes): State {
  const [old, next] = [from.row, to.row];
  const isGeneratedAnew =
    next.generated !== '' && (old.generated !== next.generated || old.default !== next.default);
  if (isGeneratedAnew || (next.generated !== '' && isOtherType(old, next))) return generatedAnew(from, to);
  if (next.generated === '' && old.generated === 'v') return noLongerVirtual(to);
  const plain = next.generated === '' && old.generated === 's' ? [dropExpression(to)] : [];
  if (!isOtherType(old, next)) return { kind: 'alter', statements: plain, disturbs: 'nothing', notes: [] };
  if (isInPartitionKey(from)) return { kind: 'left', why: inKey(to) };
  return typeChange(from, to, { stored, before: plain });
}

/** The values are computed anew, also where the column's type stays and the type itself is made anew. */
export function typeChange(from: Column, to: Column, { stored, before = [], using }: TypeChange): State {
  const { row, tableSql } = to;
  const [held, holds] = [stored.from(from.row.type), stored.to(row.type)];
  const conversion = conversionOf(row.sql, from.row.type, row.type, holds);
  const collate = row.collation === null ? '' : ` COLLATE ${row.collation}`;
  const behind = using ?? conversion.using;
  const isForced = using !== undefined;
  return {
    kind: 'alter',
    statements: [
      ...before,
      `ALTER TABLE ${tableSql} ALTER COLUMN ${row.sql} TYPE ${row.type}${collate}${behind}`,
    ],
    disturbs: !isForced && conversion.staysInFamily && from.row.collation === row.collation ? 'some' : 'all',
    notes: [
      ...(!isForced && conversion.how === 'through-text'
        ? [
            `Every value of ${row.sql} is read again from its text: one that ${row.type} does not take stops this.`,
          ]
        : []),
      ...roundingNotes(row.sql, held, holds),
    ],
  };
}

interface TypeChange {
  readonly stored: StoredTypes;
  readonly before?: readonly string[];
  /** Where the type is made anew under its name. */
  readonly using?: string;
}

function isOtherType(old: ColumnRow, next: ColumnRow): boolean {
  return old.type !== next.type || old.collation !== next.collation;
}

function generatedAnew({ row: { generated } }: Column, to: Column): State {
  const lost =
    generated === ''
      ? [
          `The values of ${to.row.sql} are replaced by those that are computed: keep them elsewhere where they are needed.`,
        ]
      : [];
  return { kind: 'remake', notes: lost };
}

function noLongerVirtual({ row }: Column): State {
  return {
    kind: 'remake',
    notes: [
      `${row.sql} was computed when it was read: its rows get the default, or NULL. Give them their values.`,
    ],
  };
}

function dropExpression({ row, tableSql }: Column): string {
  return `ALTER TABLE ${tableSql} ALTER COLUMN ${row.sql} DROP EXPRESSION`;
}

/** Its names stand in it as PostgreSQL writes them. */
function isInPartitionKey({ partitionKey, row }: Column): boolean {
  return partitionKey !== null && wordsOf(partitionKey).has(row.sql);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/"(?:[^"]|"")*"|[\p{L}\p{N}_$]+/gu));
}

function inKey({ row, tableSql }: Column): string {
  return `column ${row.sql} of ${tableSql} stays as it is, because its table is partitioned by it. Make a table with the other type, and copy the rows`;
}
