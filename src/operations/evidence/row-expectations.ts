import type { Migration } from '../../migrations/migration.ts';
import type { ForeignKey, Schema } from '../../schema/schema.ts';
import { sketched, sketchOf, type Sketch } from '../../schema/sketch.ts';
import { leavesRows } from '../../sql/alter.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Cause, Evidence } from './evidence.ts';
import { followTables, type Lineage } from './lineage.ts';

/** What one migration may do to rows, counted inside its unit. */
export interface RowExpectations {
  readonly tag: string;
  readonly tables: readonly RowExpectation[];
}

export interface RowExpectation {
  readonly table: string;
  /** Filled values of this column are counted; rows when absent. */
  readonly column?: string;
  /** How many fewer there may be at the end; `any`: nothing is counted. */
  readonly mayLose: number | 'any';
}

export interface RowExpectationsInput {
  /** Those that will run, in order. */
  readonly migrations: readonly Pick<Migration, 'tag' | 'statements'>[];
  /** As they are in the target before the first of them. */
  readonly foreignKeys: readonly ForeignKey[];
  /** The target's schema: with it, tables that triggers write to are watched too. */
  readonly schema?: Schema;
  /** Undefined without a rehearsal: then the count inside the unit is the first look at the rows. */
  readonly evidence: Pick<Evidence, 'losses'> | undefined;
  /** Losses that a person accepted: at most so many rows or values of a table. */
  readonly accepted: readonly { readonly table: string; readonly rows: number }[];
}

/**
 * Which tables each migration must leave with at least the rows they had: those that it rebuilds, those whose
 * rows a foreign key takes along or clears, and those that a trigger writes to. What a statement asks for is
 * not counted, nor are tables that the migration cannot reach, so that the lock is held briefly.
 * A migration that only adds has no expectations and no entry.
 */
export function rowExpectations(input: RowExpectationsInput): readonly RowExpectations[] {
  const mayLose = allowances(input);
  const found: RowExpectations[] = [];
  let sketch = sketchOf(input.schema ?? { objects: [] }, input.foreignKeys);
  const last = input.migrations.findLastIndex(mayTakeRows);
  for (const migration of input.migrations.slice(0, last + 1)) {
    const tables = mayTakeRows(migration) ? expectationsOf(migration, sketch, mayLose) : [];
    if (tables.length > 0) found.push({ tag: migration.tag, tables });
    for (const { sql } of migration.statements) sketch = sketched(sketch, sql);
  }
  return found;
}

/** Most migrations make and add only; they can take no row of any table, whatever refers to what. */
function mayTakeRows({ statements }: RowExpectationsInput['migrations'][number]): boolean {
  return statements.some(({ sql }) =>
    partsOf(classify(sql)).some((statement) =>
      statement.kind === 'alter-table' ? !leavesRows(statement.action) : !harmless.has(statement.kind),
    ),
  );
}

const harmless: ReadonlySet<ReturnType<typeof classify>['kind']> = new Set([
  'create-table',
  'create-index',
  'drop-index',
  'create-view',
  'drop-view',
  'create-trigger',
  'drop-trigger',
  'pragma',
  'select',
  'create-schema',
  'create-type',
  'create-sequence',
  'alter-sequence',
  'drop-sequence',
  'create-function',
  'alter-function',
  'drop-function',
  'create-policy',
  'alter-policy',
  'drop-policy',
  'comment',
  'grant',
  'set',
  'lock',
]);

/** Where there was a rehearsal, only a loss that it showed can have been accepted. */
function allowances({ evidence, accepted }: RowExpectationsInput): (table: string) => number {
  const shown = evidence && new Set(evidence.losses.map(({ table }) => foldName(table)));
  const allowed = new Map(accepted.map(({ table, rows }) => [foldName(table), rows]));
  return (table) =>
    shown === undefined || shown.has(foldName(table)) ? (allowed.get(foldName(table)) ?? 0) : 0;
}

function expectationsOf(
  migration: Pick<Migration, 'tag' | 'statements'>,
  sketch: Sketch,
  mayLose: (table: string) => number,
): readonly RowExpectation[] {
  const lineages = followTables(tablesBefore(migration, sketch), [migration]);
  const { rows, values } = reached(lineages, sketch);
  const watched = (table: string) => lineages.find((lineage) => isWatched(lineage, table));
  const ofRows = [...rows].flatMap((table): readonly RowExpectation[] => {
    const name = watched(table)?.before?.table;
    return name === undefined ? [] : [{ table: name, mayLose: mayLose(name) }];
  });
  const ofValues = [...values.values()].flatMap(({ table, column }): readonly RowExpectation[] => {
    const lineage = watched(table);
    const name = lineage?.before?.table;
    if (name === undefined || lineage?.updated.has(foldName(column)) === true) return [];
    return keepsColumn(lineage, column) ? [{ table: name, column, mayLose: mayLose(name) }] : [];
  });
  return [...ofRows, ...ofValues];
}

/** Every table that is there when the migration begins, as far as its statements and the sketch can tell. */
function tablesBefore(migration: Pick<Migration, 'statements'>, sketch: Sketch) {
  const names = new Map([...sketch.tables].map(([key, { name }]) => [key, name] as const));
  for (const { table, parent } of sketch.foreignKeys)
    for (const name of [table, parent]) names.set(foldName(name), name);
  for (const name of namedIn(migration)) if (!names.has(foldName(name))) names.set(foldName(name), name);
  return [...names.values()].map((table) => ({ table, rows: 0, columns: columnsOf(sketch, table) }));
}

function columnsOf(sketch: Sketch, table: string) {
  const known = sketch.tables.get(foldName(table))?.columns ?? [];
  const ofKeys = sketch.foreignKeys
    .filter((key) => foldName(key.table) === foldName(table))
    .flatMap(({ columns }) => columns);
  const names = new Set([...known, ...ofKeys.map(foldName)]);
  return [...names].map((column) => ({ column, nonNull: 0, checksum: '' }));
}

/** The tables that the statements name before they make them: those must have been there. */
function namedIn({ statements }: Pick<Migration, 'statements'>): readonly string[] {
  const made = new Set<string>();
  return statements
    .flatMap(({ sql }) => partsOf(classify(sql)))
    .flatMap((kind) => {
      if (kind.kind === 'truncate') return kind.tables.filter((table) => !made.has(foldName(table)));
      if (!('table' in kind) || made.has(foldName(kind.table))) return [];
      if (kind.kind !== 'create-table' && kind.kind !== 'create-virtual-table') return [kind.table];
      made.add(foldName(kind.table));
      return [];
    });
}

interface Reached {
  /** In lower case. */
  readonly rows: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, { readonly table: string; readonly column: string }>;
}

/** From the tables whose rows are taken or remade, along foreign keys and triggers. */
function reached(lineages: readonly Lineage[], sketch: Sketch): Reached {
  const rows = new Set(
    lineages.filter(({ causes }) => causes.some(({ verb }) => verb === 'rebuild')).flatMap(oldNames),
  );
  const values = new Map<string, { table: string; column: string }>();
  const open = lineages
    .filter(({ causes }) => causes.some(({ verb }) => changesRows.has(verb)))
    .flatMap(oldNames);
  const seen = new Set(open);
  const reach = (table: string) => {
    rows.add(table);
    if (!seen.has(table)) open.push(table);
    seen.add(table);
  };
  for (let table = open.pop(); table !== undefined; table = open.pop()) {
    for (const key of sketch.foreignKeys.filter(({ parent }) => foldName(parent) === table)) {
      if (key.onDelete === 'CASCADE') reach(foldName(key.table));
      if (key.onDelete !== 'SET NULL' && key.onDelete !== 'SET DEFAULT') continue;
      for (const column of key.columns)
        values.set(`${foldName(key.table)} ${foldName(column)}`, { table: foldName(key.table), column });
    }
    for (const trigger of sketch.triggers.values()) {
      if (trigger.table !== table) continue;
      for (const written of trigger.writes) if (!isVirtual(sketch, written)) reach(foldName(written));
    }
  }
  return { rows, values };
}

const changesRows: ReadonlySet<Cause['verb']> = new Set([
  'insert',
  'update',
  'delete',
  'drop',
  'rebuild',
  'replace',
] as const);

/** A full-text index follows the rows it is made of. */
function isVirtual({ tables }: Sketch, table: string): boolean {
  const known = tables.get(foldName(table));
  return known !== undefined && known.columns === undefined;
}

function oldNames({ before }: Lineage): readonly string[] {
  return before ? [foldName(before.table)] : [];
}

/** Counted by one name at both ends, and only where no statement asks for the rows to go. */
function isWatched({ before, current, asked }: Lineage, table: string): boolean {
  if (!before || current === undefined || asked !== 'nothing') return false;
  return foldName(before.table) === table && foldName(current) === table;
}

/** Whether the column is there at both ends under its name. */
function keepsColumn(lineage: Lineage | undefined, column: string): boolean {
  const before = lineage?.columns.get(foldName(column));
  return before !== undefined && foldName(before) === foldName(column);
}
