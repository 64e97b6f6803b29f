import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MigrateError } from '../../lib/errors.ts';
import { quoteName } from '../../sql/quote.ts';
import type { SqlValue } from '../../sql/statement.ts';
import { contentOf, damageOf, leaseTable, type Content } from '../libsql/content.ts';
import { queryOf } from '../libsql/node-sqlite.ts';
import { insertedColumns, pagesOf, type DumpRow } from './dump-pages.ts';
import type { AskRaw, DumpSource, DumpTable } from './dump-source.ts';

export interface WriteDumpOptions {
  readonly what: 'schema' | 'rows';
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number | undefined, unit: 'rows') => void;
}

/** Writes a new file: tables, rows, virtual tables, then what refers to them. Gives what is in it, read back. */
export async function writeDump(
  path: string,
  source: DumpSource,
  ask: AskRaw,
  options: WriteDumpOptions,
): Promise<Content> {
  // As D1 does: double quotes may stand around a text, in a trigger or a check, say.
  using db = new DatabaseSync(path, {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  // A file that nobody has seen yet needs neither a journal on the disk nor the disk's word for every page.
  db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON');
  switch (options.what) {
    case 'schema':
      createEmpty(db, source);
      break;
    case 'rows':
      await createFilled(db, source, ask, options);
      break;
  }
  for (const { sql } of source.later) db.exec(sql);
  if (source.tables.some(({ name }) => name === leaseTable)) {
    db.exec(`UPDATE ${leaseTable} SET run = NULL, expires_at = 0`);
  }
  return await sound(db);
}

/** A virtual table that is created makes the tables behind it. */
function createEmpty(db: DatabaseSync, { tables, virtual }: DumpSource): void {
  db.exec('BEGIN');
  for (const { sql } of tables.filter(({ isBehindVirtual }) => !isBehindVirtual)) db.exec(sql);
  for (const { sql } of virtual) db.exec(sql);
  db.exec('COMMIT');
}

async function createFilled(
  db: DatabaseSync,
  source: DumpSource,
  ask: AskRaw,
  { signal, onProgress }: WriteDumpOptions,
): Promise<void> {
  db.exec('BEGIN');
  for (const { sql } of source.tables) db.exec(sql);
  const total = source.tables.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  for (const table of source.tables) {
    const insert = inserter(db, table);
    for await (const page of pagesOf(table, ask)) {
      signal?.throwIfAborted();
      for (const row of page) insert(row);
      done += page.length;
      onProgress?.(done, total, 'rows');
    }
  }
  await copySequences(db, source, ask);
  addVirtualTables(db, source);
  db.exec('COMMIT; PRAGMA writable_schema = RESET');
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
      prepared.set(shape, statement);
    }
    statement.run(...values);
  };
}

/** AUTOINCREMENT goes on from where it was, also after rows at the end were deleted. */
async function copySequences(db: DatabaseSync, { tables }: DumpSource, ask: AskRaw): Promise<void> {
  if (!tables.some(({ sql }) => /autoincrement/i.test(sql))) return;
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get();
  if (exists === undefined) return;
  const [answer] = await ask(['SELECT name, CAST(seq AS TEXT) FROM sqlite_sequence']);
  db.exec('DELETE FROM sqlite_sequence');
  const insert = db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
  for (const [name = null, seq] of answer?.rows ?? []) insert.run(name, sequence(seq));
}

function sequence(seq: SqlValue | undefined): bigint | null {
  return typeof seq === 'string' ? BigInt(seq) : null;
}

/** Written into the schema as they are: creating them would make and fill the tables behind them anew. */
function addVirtualTables(db: DatabaseSync, { virtual }: DumpSource): void {
  if (virtual.length === 0) return;
  // Newer Nodes keep the schema from being written unless told otherwise; older ones have no such method.
  if ('enableDefensive' in db) db.enableDefensive(false);
  db.exec('PRAGMA writable_schema = ON');
  const insert = db.prepare(
    "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)",
  );
  for (const { name, sql } of virtual) insert.run(name, name, sql);
}

async function sound(db: DatabaseSync): Promise<Content> {
  const query = queryOf(db);
  const damage = await damageOf(query);
  if (damage === undefined) return contentOf(query);
  throw new MigrateError('backup-failed', `The copy is damaged after it was written: ${damage}`, {
    next: 'Check the disk, and try again.',
  });
}
