import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MigrateError } from '../../../lib/errors.ts';
import { quoteName } from '../../../sql/quote.ts';
import type { SqlValue } from '../../../sql/statement.ts';
import { contentOf, damageOf, leaseTable, type Content } from '../../libsql/content.ts';
import { errcodeOf, queryOf } from '../../libsql/node-sqlite.ts';
import type { OnCopyProgress } from '../../copy-progress.ts';
import { rowMasker } from '../../masked-value.ts';
import { refuseUnmasked, unfit, type Masking } from '../../masks.ts';
import { sortByRules, type Sorted } from '../../sort-by-rules.ts';
import { insertedColumns, pagesOf, type DumpRow } from './pages.ts';
import {
  asTable,
  type AskRaw,
  type DumpSource,
  type DumpTable,
  type SchemaObject,
  type VirtualTable,
} from './source.ts';

export interface WriteDumpOptions {
  readonly what: 'schema' | 'rows';
  /** What is not copied as it is. */
  readonly masking?: Masking | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnCopyProgress;
}

/** Brings the rows of one table over, and gives how many as they come. */
export type FillTable = (db: DatabaseSync, table: DumpTable) => AsyncIterable<number>;

/** Writes a new file: tables, rows, virtual tables, then what refers to them. Gives what is in it, read back. */
export async function writeDump(
  path: string,
  source: DumpSource,
  ask: AskRaw,
  options: WriteDumpOptions,
): Promise<Content> {
  using db = openNewFile(path);
  switch (options.what) {
    case 'schema':
      createEmpty(db, source);
      for (const { sql } of source.later) db.exec(sql);
      break;
    case 'rows': {
      const sorted = await sortByRules(source, options.masking?.rules, (table) => asTable(table, ask));
      const parts = { ...sorted, later: source.later };
      await createFilled(db, parts, fillByPages(ask, options), { ...options, ask });
      if (options.masking) await refuseUnmasked(queryOf(db), options.masking.rules);
      break;
    }
  }
  return await finished(db);
}

/**
 * A file that nobody has seen yet needs no journal and not the disk's word for every page: one that could not be filled
 * is thrown away. In memory a journal would hold every page of an index that one statement touches.
 */
export function openNewFile(path: string): DatabaseSync {
  // As D1 does: double quotes may stand around a text, in a trigger or a check, say.
  const db = new DatabaseSync(path, {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  // Newer Nodes keep the schema, and the tables behind virtual ones, from being written; older ones have no such method.
  if ('enableDefensive' in db) db.enableDefensive(false);
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON');
  // An index over hashed values is filled in no order: with fewer pages at hand nearly each row reads and writes one.
  db.exec('PRAGMA cache_size = -16000');
  return db;
}

/** A virtual table that is created makes the tables behind it. */
function createEmpty(db: DatabaseSync, { tables, virtual }: DumpSource): void {
  db.exec('BEGIN');
  for (const { sql } of tables.filter(({ isBehindVirtual }) => !isBehindVirtual)) db.exec(sql);
  for (const { sql } of virtual) db.exec(sql);
  db.exec('COMMIT');
}

/** What a new file is made of; `later` are indexes, views and triggers. */
export interface DumpParts extends Sorted<DumpTable, VirtualTable> {
  readonly later: readonly SchemaObject[];
}

/** Makes everything in a new file, in one transaction but for what refers to the tables. */
export async function createFilled(
  db: DatabaseSync,
  parts: DumpParts,
  fill: FillTable,
  options: Progressing & {
    readonly ask: AskRaw;
    /** The name of the source, where it is attached to the same connection. */
    readonly attached?: string;
  },
): Promise<void> {
  const { tables, remade, virtual, rebuilt } = parts;
  // An attached source is read in this very transaction.
  if (!db.isTransaction) db.exec('BEGIN');
  for (const { sql } of [...tables, ...remade]) db.exec(sql);
  await fillAll(db, parts, fill, options);
  if (tables.some(({ sql }) => /autoincrement/i.test(sql))) {
    await copySequences(db, options.ask, options.attached);
  }
  addVirtualTables(db, virtual);
  db.exec('COMMIT; PRAGMA writable_schema = RESET');
  createLater(db, parts);
  for (const name of rebuilt.map(quoteName)) db.exec(`INSERT INTO ${name} (${name}) VALUES ('rebuild')`);
}

type Progressing = Pick<WriteDumpOptions, 'signal' | 'onProgress'>;

async function fillAll(
  db: DatabaseSync,
  { filled, isMasked }: DumpParts,
  fill: FillTable,
  { signal, onProgress }: Progressing,
): Promise<void> {
  const total = filled.reduce((sum, { rows }) => sum + rows, 0);
  let before = 0;
  for (const table of filled) {
    let done = 0;
    // Rows may be older than a check and be kept; a mask must not make such a row.
    db.exec(`PRAGMA ignore_check_constraints = ${isMasked(table.name) ? 'OFF' : 'ON'}`);
    try {
      for await (const more of fill(db, table)) {
        signal?.throwIfAborted();
        done += more;
        const copied = { name: table.name, done, total: table.rows };
        onProgress?.({ done: before + done, total, unit: 'rows', table: copied });
      }
    } catch (error) {
      throw isMasked(table.name) ? orUnfit(error, table.name) : error;
    }
    before += done;
  }
}

function createLater(db: DatabaseSync, { later, isMasked }: DumpParts): void {
  for (const { name, table, sql } of later) {
    try {
      db.exec(sql);
    } catch (error) {
      throw isMasked(table) ? orUnfit(error, name) : error;
    }
  }
}

/** What a masked table refuses. */
function orUnfit(error: unknown, object: string): unknown {
  return ((errcodeOf(error) ?? 0) & 0xff) === 19 && error instanceof Error ? unfit(object, error) : error;
}

/** Nobody holds the lock of a copy; throws when the file is damaged. */
export async function finished(db: DatabaseSync): Promise<Content> {
  const query = queryOf(db);
  const lease = await query({ sql: `SELECT 1 FROM sqlite_schema WHERE name = '${leaseTable}'` });
  if (lease.length > 0) db.exec(`UPDATE ${leaseTable} SET run = NULL, expires_at = 0`);
  const damage = await damageOf(query);
  if (damage === undefined) return contentOf(query);
  throw new MigrateError('backup-failed', `The copy is damaged after it was written: ${damage}`, {
    next: 'Check the disk, and try again.',
  });
}

function fillByPages(ask: AskRaw, { masking }: Pick<WriteDumpOptions, 'masking'>): FillTable {
  return async function* fillTable(db, table) {
    const insert = inserter(db, table);
    const names = table.keyIs === 'rowid' ? [undefined, ...table.columns] : table.columns;
    const mask = rowMasker(table.name, names, masking);
    for await (const page of pagesOf(table, ask)) {
      for (const { values, bytes } of page) {
        const masked = mask?.(values, (at) => bytes.has(at)) ?? values;
        // A text in bytes that was masked is a text again.
        insert({ values: masked, bytes: new Set([...bytes].filter((at) => masked[at] === values[at])) });
      }
      yield page.length;
    }
  };
}

/** One prepared statement for each set of columns whose text is given as bytes; nearly always only the empty one. */
function inserter(db: DatabaseSync, table: DumpTable): (row: DumpRow) => void {
  const names = insertedColumns(table);
  const prepared = new Map<string, StatementSync>();
  return ({ values, bytes }) => {
    const shape = [...bytes].join();
    let statement = prepared.get(shape);
    if (!statement) {
      const marks = names.map((_, index) => (bytes.has(index) ? 'CAST(? AS TEXT)' : '?'));
      statement = db.prepare(
        `INSERT INTO ${quoteName(table.name)} (${names.join(', ')}) VALUES (${marks.join(', ')})`,
      );
      // Node 26 throws at a rowid beyond 2^53 otherwise, after the row is in.
      statement.setReadBigInts(true);
      prepared.set(shape, statement);
    }
    statement.run(...values);
  };
}

/** AUTOINCREMENT goes on from where it was, also after rows at the end were deleted. */
async function copySequences(db: DatabaseSync, ask: AskRaw, attached: string | undefined): Promise<void> {
  const exists = db.prepare("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'").get();
  if (exists === undefined) return;
  const from = attached === undefined ? '' : `${attached}.`;
  const [answer] = await ask([`SELECT name, CAST(seq AS TEXT) FROM ${from}sqlite_sequence`]);
  db.exec('DELETE FROM main.sqlite_sequence');
  const insert = db.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)');
  for (const [name = null, seq] of answer?.rows ?? []) insert.run(name, sequence(seq));
}

function sequence(seq: SqlValue | undefined): bigint | null {
  return typeof seq === 'string' ? BigInt(seq) : null;
}

/** Written into the schema as they are: creating them would make and fill the tables behind them anew. */
function addVirtualTables(db: DatabaseSync, virtual: DumpParts['virtual']): void {
  if (virtual.length === 0) return;
  db.exec('PRAGMA writable_schema = ON');
  const insert = db.prepare(
    "INSERT INTO main.sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)",
  );
  for (const { name, sql } of virtual) insert.run(name, name, sql);
}
