import type { ColumnRow, ConstraintRow, SequenceRow } from './catalogue-rows.ts';
import { isMadeUp } from './names.ts';
import { sequenceOptions, serialType } from './sequence.ts';
import { settled } from './settled.ts';

/** What a column is told with. */
export interface ColumnScope {
  /** The sequence that goes with it. */
  readonly sequence: SequenceRow | undefined;
  /** NOT NULL follows from the primary key. */
  readonly isInKey: boolean;
  /** It is a column of a partition, which has its identity from the partitioned table. */
  readonly isInPartition: boolean;
  /** NOT NULL with something unusual about it. */
  readonly required: ConstraintRow | undefined;
}

/** A column's line in the normal form: equal meaning, equal text. */
export function normalColumn(column: ColumnRow, scope: ColumnScope): string {
  return [
    ...words(column, scope, settled),
    ...(scope.required?.valid === false ? ['NOT NULL NOT VALID'] : []),
    ...(column.statistics === null ? [] : [`STATISTICS ${column.statistics}`]),
    ...(column.options === null ? [] : [`(${column.options.toSorted().join(', ')})`]),
  ].join(' ');
}

/** A column's line for people. */
export function shownColumn(column: ColumnRow, scope: ColumnScope): string {
  return words(column, scope, (expression) => expression).join(' ');
}

function words(
  column: ColumnRow,
  scope: ColumnScope,
  say: (expression: string) => string,
): readonly string[] {
  const serial = serialType(column, scope.sequence);
  return [
    column.sql,
    serial ?? column.type,
    ...storageWords(column),
    ...(column.collation === null ? [] : [`COLLATE ${column.collation}`]),
    ...(serial === undefined ? valueWords(column, scope, say) : []),
    ...(column.notNull && !scope.isInKey ? notNullWords(scope) : []),
  ];
}

/** One that is not proven stands among the constraints. */
function notNullWords({ required }: ColumnScope): readonly string[] {
  if (required?.valid === false) return [];
  return [required?.noInherit === true ? 'NOT NULL NO INHERIT' : 'NOT NULL'];
}

function storageWords({ storage, compression }: ColumnRow): readonly string[] {
  return [
    ...(storage === null ? [] : [`STORAGE ${storages[storage] ?? storage}`]),
    ...(compression === '' ? [] : [`COMPRESSION ${compressions[compression] ?? compression}`]),
  ];
}

export const storages: Readonly<Record<string, string>> = {
  p: 'PLAIN',
  e: 'EXTERNAL',
  m: 'MAIN',
  x: 'EXTENDED',
};
export const compressions: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

function valueWords(
  column: ColumnRow,
  { sequence, isInPartition }: ColumnScope,
  say: (expression: string) => string,
): readonly string[] {
  if (column.identity !== '') return isInPartition ? [] : [identityWords(column, sequence, 'told')];
  if (column.default === null) return [];
  if (column.generated === '') return [`DEFAULT ${say(column.default)}`];
  return [`GENERATED ALWAYS AS (${say(column.default)}) ${column.generated === 's' ? 'STORED' : 'VIRTUAL'}`];
}

/** @param name `told`: of the sequence, only where it was chosen */
export function identityWords(
  { identity }: ColumnRow,
  sequence: SequenceRow | undefined,
  name: 'told' | 'exact',
): string {
  const isNamed = sequence !== undefined && (name === 'exact' || !isMadeUp(sequence.name));
  const options = [
    ...(isNamed ? [`SEQUENCE NAME ${sequence.sql}`] : []),
    ...(sequence ? sequenceOptions(sequence) : []),
  ];
  const when = identity === 'a' ? 'ALWAYS' : 'BY DEFAULT';
  return `GENERATED ${when} AS IDENTITY${options.length === 0 ? '' : ` (${options.join(' ')})`}`;
}
