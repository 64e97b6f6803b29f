import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Query, Statement } from '../../sql/statement.ts';
import { immutableUrl } from '../immutable-url.ts';
import { openLibsqlFile } from './file.ts';
import { hasVectorIndex, isForeignSchema, openNodeSqlite, queryOf } from './node-sqlite.ts';

/**
 * Reads a copy that nobody else has open, without making a file beside it. Through node:sqlite, or through libSQL
 * when the schema is in libSQL's own words.
 */
export async function readCopy<T>(path: string, read: (query: Query) => Promise<T>): Promise<T> {
  if (!hasForeignSchema(path)) {
    using copy = new DatabaseSync(immutableUrl(path), { readOnly: true });
    return await read(queryOf(copy));
  }
  await useRollbackJournal(path);
  await using copy = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
  return await read(copy.query);
}

/** Runs our own statements on a copy that nobody else has open, all or none, and leaves no file beside it. */
export async function changeCopy(path: string, statements: readonly Statement[]): Promise<void> {
  await useRollbackJournal(path);
  if (hasForeignSchema(path)) {
    await using copy = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
    const ours = statements.map((statement) => ({ ...statement, role: 'record' as const }));
    const outcome = await copy.unit({ foreignKeys: 'off', statements: ours });
    if (outcome.kind === 'committed') return;
    throw 'error' in outcome ? outcome.error : new Error(`The copy was not changed: ${outcome.kind}.`);
  }
  using copy = openNodeSqlite(path, 0);
  copy.exec('PRAGMA foreign_keys = OFF; BEGIN');
  for (const { sql, args } of statements) copy.prepare(sql).run(...(args ?? []));
  copy.exec('COMMIT');
}

function hasForeignSchema(path: string): boolean {
  using copy = new DatabaseSync(immutableUrl(path), { readOnly: true });
  try {
    return hasVectorIndex(copy);
  } catch (error) {
    if (isForeignSchema(error)) return true;
    throw error;
  }
}

/**
 * Takes the WAL mark off a whole file that has no `-wal` (bytes 18 and 19, https://www.sqlite.org/fileformat.html#file_format_version_numbers):
 * a connection then leaves nothing beside it. A live file that it is restored into keeps its own mode.
 */
async function useRollbackJournal(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 18);
  if (buffer[0] === 2) await file.write(Buffer.from([1, 1]), 0, 2, 18);
}
