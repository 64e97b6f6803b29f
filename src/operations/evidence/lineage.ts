import type { Migration } from '../../migrations/migration.ts';
import { leavesRows, type AlterAction } from '../../sql/alter.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName, objectName } from '../../sql/cursor.ts';
import { insertedRows } from '../../sql/insertion.ts';
import { keepsIn } from '../../sql/keeps.ts';
import { rebuildsIn, type Rebuild } from '../../sql/rebuilds.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import type { Cause } from './evidence.ts';
import { columnsAfterRebuild } from './rebuilt-columns.ts';
import type { TableMeasurement } from './measurement.ts';

/** A table's way through the migrations: what it was and is called, and what was asked of it. */
export interface Lineage {
  /** As it was before; absent: these migrations made it. */
  readonly before: TableMeasurement | undefined;
  /** Its name afterwards; absent: it was dropped. */
  current: string | undefined;
  /** Every name it had on the way, in lower case. */
  readonly names: Set<string>;
  readonly causes: Cause[];
  /** By its name now, in lower case: what the column was called before; undefined for one that was added. */
  columns: ReadonlyMap<string, string | undefined>;
  /** Columns that an UPDATE names, by their names before. */
  readonly updated: Set<string>;
  /** Whether a DELETE or DROP (`delete`), or a REPLACE or UPSERT (`replace`), names this very table. */
  asked: 'nothing' | 'delete' | 'replace';
  /** Rows that INSERT … VALUES added for sure, and whether other INSERTs may have added more. */
  readonly inserted: { atLeast: number; more: 'possible' | 'none' };
}

/** Follows every table through the statements of the migrations, in order. */
export function followTables(
  tables: readonly TableMeasurement[],
  migrations: readonly Pick<Migration, 'tag' | 'statements'>[],
): readonly Lineage[] {
  const follower: Follower = { all: [], now: new Map(), away: new Map() };
  for (const table of tables) begin(follower, table.table, table);
  for (const { tag, statements } of migrations) {
    const rebuilds = rebuildsIn(statements);
    // What is copied aside and put back is to be as it was: its statements ask for no change.
    const kept = new Set(keepsIn(statements).flatMap(({ removes, back }) => [...removes, back]));
    for (const [index, { sql, number: inFile }] of statements.entries()) {
      if (kept.has(index + 1)) continue;
      const number = index + 1;
      const step = { tag, number, inFile: inFile ?? number, sql, rebuilds, statements };
      for (const kind of partsOf(classify(sql))) follow(follower, { ...step, kind });
    }
  }
  return follower.all;
}

interface Follower {
  readonly all: Lineage[];
  /** By the name that a statement would use now, in lower case. */
  readonly now: Map<string, Lineage>;
  /** Dropped by a rebuild and not made again yet, by name. */
  readonly away: Map<string, Lineage>;
}

interface Step {
  readonly tag: string;
  /** Among those that are run. */
  readonly number: number;
  /** As people know it. */
  readonly inFile: number;
  readonly sql: string;
  readonly kind: StatementKind;
  readonly rebuilds: readonly Rebuild[];
  readonly statements: Migration['statements'];
}

function begin(follower: Follower, name: string, before: TableMeasurement | undefined): Lineage {
  const columns = (before?.columns ?? []).map(({ column }) => [foldName(column), column] as const);
  const made: Lineage = {
    before,
    current: name,
    names: new Set([foldName(name)]),
    causes: [],
    columns: new Map(columns),
    updated: new Set(),
    asked: 'nothing',
    inserted: { atLeast: 0, more: 'none' },
  };
  follower.all.push(made);
  follower.now.set(foldName(name), made);
  return made;
}

function follow(follower: Follower, step: Step): void {
  const { kind } = step;
  if (kind.kind === 'create-table' || kind.kind === 'create-virtual-table')
    return create(follower, step, kind.table);
  if (kind.kind === 'truncate')
    for (const name of kind.tables) remove(step, follower.now.get(foldName(name)));
  const table = 'table' in kind ? follower.now.get(foldName(kind.table)) : undefined;
  if (!table) return;
  if (kind.kind === 'drop-table') drop(follower, step, table);
  if (kind.kind === 'alter-table') alter(follower, step, table);
  if (kind.kind === 'insert') insert(step, table);
  if (kind.kind === 'update') update(step, table);
  if (kind.kind === 'delete') remove(step, table);
  if (kind.kind === 'merge') merge(step, table);
}

function remove(step: Step, table: Lineage | undefined): void {
  if (!table) return;
  table.causes.push(causeOf(step, 'delete'));
  if (table.asked === 'nothing') table.asked = 'delete';
}

/** MERGE may add, change and, where it says so, delete rows. */
function merge(step: Step, table: Lineage): void {
  if (/\bdelete\b/i.test(step.sql)) remove(step, table);
  else table.causes.push(causeOf(step, 'update'));
  table.inserted.more = 'possible';
}

function create(follower: Follower, step: Step, name: string): void {
  const rebuild = step.rebuilds.find(({ create }) => create === step.number);
  const rebuilt = rebuild && beingRebuilt(follower, rebuild);
  if (rebuilt) {
    rebuilt.causes.push(causeOf(step, 'rebuild'));
    rebuilt.names.add(foldName(name));
    rebuilt.current = name;
    const copies = rebuild.copies.flatMap((number) => step.statements[number - 1] ?? []);
    rebuilt.columns = columnsAfterRebuild(rebuilt.columns, step.sql, copies.at(-1)?.sql);
    follower.now.set(foldName(name), rebuilt);
  } else if (!follower.now.has(foldName(name))) {
    begin(follower, name, undefined).causes.push(causeOf(step, 'create'));
  }
}

/** While a table is rebuilt its rows are under its own name, under another one, or gone and to come back. */
function beingRebuilt({ now, away }: Follower, { how, table, via }: Rebuild): Lineage | undefined {
  switch (how) {
    case 'create-copy-drop-rename':
      return now.get(foldName(table));
    case 'rename-create-copy-drop':
      return now.get(foldName(via));
    case 'copy-out-and-back':
      return away.get(foldName(table));
  }
}

function drop(follower: Follower, step: Step, table: Lineage): void {
  const name = step.kind.kind === 'drop-table' ? foldName(step.kind.table) : '';
  follower.now.delete(name);
  // The DROP of a rebuild asks for nothing: the table is there afterwards.
  if (step.rebuilds.some((rebuild) => rebuild.drop === step.number)) follower.away.set(name, table);
  else {
    table.causes.push(causeOf(step, 'drop'));
    table.asked = 'delete';
    table.current = undefined;
  }
}

function alter(follower: Follower, step: Step, table: Lineage): void {
  if (step.kind.kind !== 'alter-table') return;
  const { table: name, action } = step.kind;
  switch (action.kind) {
    case 'rename-table':
      moveTo(follower, table, { from: name, to: action.to });
      break;
    case 'set-schema': {
      const bare = name.slice(name.lastIndexOf('.') + 1);
      moveTo(follower, table, { from: name, to: objectName({ schema: action.to, name: bare }) });
      break;
    }
    case 'set-type': {
      // Its values may well be written otherwise afterwards: it is named, as in an UPDATE.
      const before = table.columns.get(foldName(action.column));
      if (before !== undefined) table.updated.add(before);
      break;
    }
    default:
      table.columns = columnsAfter(table.columns, action);
      break;
  }
  // What changes no column is no cause of anything that rows show.
  if (leavesRows(action) && !addsColumn(action)) return;
  const ofRebuild = step.rebuilds.some(
    ({ end, table: rebuilt }) => end === step.number && rebuilt === table.current,
  );
  if (!ofRebuild) table.causes.push(causeOf(step, 'alter'));
}

/** By the names that they have then. */
function columnsAfter(before: Lineage['columns'], action: AlterAction): Lineage['columns'] {
  const columns = new Map(before);
  switch (action.kind) {
    case 'rename-column':
      columns.delete(foldName(action.column));
      columns.set(foldName(action.to), before.get(foldName(action.column)));
      break;
    case 'add-column':
      columns.set(foldName(action.column), undefined);
      break;
    case 'add-column-if-missing':
      if (!columns.has(foldName(action.column))) columns.set(foldName(action.column), undefined);
      break;
    case 'drop-column':
      columns.delete(foldName(action.column));
      break;
    default:
      break;
  }
  return columns;
}

const addsColumn = ({ kind }: AlterAction) => kind === 'add-column' || kind === 'add-column-if-missing';

function moveTo(
  follower: Follower,
  table: Lineage,
  { from, to }: { readonly from: string; readonly to: string },
): void {
  follower.now.delete(foldName(from));
  follower.now.set(foldName(to), table);
  table.names.add(foldName(to));
  table.current = to;
}

function insert(step: Step, table: Lineage): void {
  const { kind, sql } = step;
  if (kind.kind !== 'insert' || step.rebuilds.some(({ copies }) => copies.includes(step.number))) return;
  if (kind.or === 'replace' || kind.upsert) {
    table.causes.push(causeOf(step, 'replace'));
    table.asked = 'replace';
  } else table.causes.push(causeOf(step, 'insert'));
  const rows = insertedRows(sql);
  if (rows === undefined) table.inserted.more = 'possible';
  else table.inserted.atLeast += rows;
}

function update(step: Step, table: Lineage): void {
  const { kind } = step;
  if (kind.kind !== 'update') return;
  table.causes.push(causeOf(step, 'update'));
  if (kind.or === 'replace') table.asked = 'replace';
  for (const column of kind.columns) {
    const before = table.columns.get(foldName(column));
    if (before !== undefined) table.updated.add(before);
  }
}

function causeOf({ tag, inFile, sql }: Step, verb: Cause['verb']): Cause {
  return { tag, statement: inFile, verb, sql: sql.replace(/\s+/g, ' ').trim() };
}
