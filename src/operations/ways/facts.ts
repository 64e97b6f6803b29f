import { partsOf } from '../../schema/parts.ts';
import { referringTo } from '../../schema/referring.ts';
import type { ForeignKey, Schema } from '../../schema/schema.ts';
import { foreignKeysOf } from '../../schema/foreign-keys.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import type { ColumnDefinition } from '../../sql/column-definition.ts';
import { tableDefinition, type TableDefinition } from '../../sql/table-definition.ts';
import { latest, type HalfRun } from './half-run.ts';
import { openRebuilds } from './open-rebuilds.ts';

/** What the target's rows say; what could not be asked is not in it. */
export interface Facts {
  /** Rows by table, in lower case. */
  readonly rows: ReadonlyMap<string, number>;
  /** By `table.column`, in lower case: rows with another value than the column's definition gives them. */
  readonly filled: ReadonlyMap<string, number>;
  /** By `referenceKey` or `copyKey`: rows that do not find the one that they refer to, or are a copy of. */
  readonly lost: ReadonlyMap<string, number>;
}

/** What is to be asked of the target's rows before it is known which ways are open. */
export interface FactsToAsk {
  readonly tables: readonly string[];
  readonly columns: readonly AddedColumn[];
  readonly references: readonly Reference[];
  /** Copies whose original is there: the copy's rows as if they referred to it by their key. */
  readonly copies: readonly Reference[];
}

export interface AddedColumn {
  readonly table: string;
  readonly column: string;
  /** What rows have that were there before it, as an SQL expression. */
  readonly otherwise: string;
}

/** Rows that refer to a table that is another one for now. */
export interface Reference {
  readonly child: string;
  readonly columns: readonly string[];
  /** The table that has its rows now. */
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

/** Under which `Facts.lost` has it. */
export function referenceKey({ child, columns, parent }: Reference): string {
  return `${foldName(child)} (${columns.map(foldName).join(', ')}) to ${foldName(parent)}`;
}

/** Under which `Facts.lost` has the rows of a rebuild's copy whose key is not in the original. */
export function copyKey(via: string, table: string): string {
  return `copy ${foldName(via)} to ${foldName(table)}`;
}

export function factsToAsk(half: HalfRun): FactsToAsk {
  const now = half.points[latest(half)] ?? { objects: [] };
  const { statements } = half.migration;
  return {
    tables: [...new Set([...tablesNamed(statements), ...referrers(statements, half.points)])],
    columns: addedColumns(half.points[0] ?? { objects: [] }, now),
    references: openRebuilds(half).flatMap((rebuild) =>
      rebuild.phase === 'renaming' ? referencesTo(rebuild.table, rebuild.via, now) : [],
    ),
    copies: openRebuilds(half).flatMap((rebuild) =>
      rebuild.phase === 'copying' ? copyIn(rebuild.table, rebuild.via, now) : [],
    ),
  };
}

/** The foreign keys that the tables of a schema declare. */
export function foreignKeysIn({ objects }: Schema): readonly ForeignKey[] {
  return objects.flatMap((object) => {
    const definition = object.type === 'table' ? tableDefinition(object.display) : undefined;
    return definition ? foreignKeysOf(definition) : [];
  });
}

function tablesNamed(statements: readonly { readonly sql: string }[]): readonly string[] {
  return statements.flatMap(({ sql }) => {
    const kind = classify(sql);
    const renamed =
      kind.kind === 'alter-table' && kind.action.kind === 'rename-table' ? [kind.action.to] : [];
    return [
      ...('table' in kind ? [foldName(kind.table)] : []),
      ...('from' in kind ? (kind.from ?? []).map(foldName) : []),
      ...renamed.map(foldName),
    ];
  });
}

/** Whoever refers to a table that is dropped. */
function referrers(
  statements: readonly { readonly sql: string }[],
  points: readonly Schema[],
): readonly string[] {
  const keys = points.flatMap(foreignKeysIn);
  return statements.flatMap(({ sql }) => {
    const kind = classify(sql);
    return kind.kind === 'drop-table'
      ? referringTo(kind.table, keys).map(({ table }) => foldName(table))
      : [];
  });
}

function addedColumns(before: Schema, now: Schema): readonly AddedColumn[] {
  const were = partsOf(before);
  return now.objects.flatMap(({ type, name, display }) => {
    const table = foldName(name);
    const definition = type === 'table' && were.has(`table ${table}`) ? tableDefinition(display) : undefined;
    return (definition?.columns ?? [])
      .filter((column) => !were.has(`column ${table}.${foldName(column.name)}`))
      .map((column) => ({ table: name, column: column.name, otherwise: givenBy(column) }));
  });
}

/** The house style of a definition writes a default as one literal, or in parentheses. */
function givenBy({ constraints }: ColumnDefinition): string {
  const found = constraints.find((constraint) => constraint.kind === 'default');
  const text = found?.value.map((token) => token.text).join(' ');
  return text === undefined ? 'NULL' : `(${text})`;
}

function copyIn(table: string, via: string, now: Schema): readonly Reference[] {
  const copy = tablesIn(now).find((definition) => sameName(definition.table, via));
  const key = copy ? primaryKey(copy) : [];
  return key.length === 0 ? [] : [{ child: via, columns: key, parent: table, parentColumns: key }];
}

function tablesIn({ objects }: Schema): readonly TableDefinition[] {
  return objects.flatMap(({ type, display }) => {
    const definition = type === 'table' ? tableDefinition(display) : undefined;
    return definition ? [definition] : [];
  });
}

function referencesTo(table: string, via: string, now: Schema): readonly Reference[] {
  const tables = tablesIn(now);
  const parent = tables.find((definition) => sameName(definition.table, via));
  if (!parent) return [];
  return tables.flatMap((child) =>
    referencesIn(child)
      .filter((reference) => sameName(reference.parent, table))
      .map(({ columns, parentColumns }) => ({
        child: child.table,
        columns,
        parent: via,
        parentColumns: parentColumns.length > 0 ? parentColumns : primaryKey(parent),
      })),
  );
}

interface Declared {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

function referencesIn({ columns, constraints }: TableDefinition): readonly Declared[] {
  const beside = columns.flatMap(({ name, constraints: own }) =>
    own.flatMap((constraint) =>
      constraint.kind === 'references'
        ? [{ columns: [name], parent: constraint.clause.parent, parentColumns: constraint.clause.columns }]
        : [],
    ),
  );
  const below = constraints.flatMap((constraint) =>
    constraint.kind === 'foreign-key'
      ? [
          {
            columns: constraint.columns,
            parent: constraint.clause.parent,
            parentColumns: constraint.clause.columns,
          },
        ]
      : [],
  );
  return [...beside, ...below];
}

function primaryKey({ columns, constraints }: TableDefinition): readonly string[] {
  const below = constraints.find((constraint) => constraint.kind === 'primary-key');
  if (below)
    return below.columns.map(({ expression }) => expression.map((token) => unquoted(token.text)).join(''));
  return columns
    .filter(({ constraints: own }) => own.some(({ kind }) => kind === 'primary-key'))
    .map(({ name }) => name);
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}
