import type { DatabaseSync } from 'node:sqlite';
import type { SqlValue } from '../../sql/statement.ts';
import { asTable, readDumpSource, type AskRaw } from '../d1/dump/source.ts';
import { createFilled, finished, openNewFile } from '../d1/dump/write.ts';
import type { OnCopyProgress } from '../copy-progress.ts';
import { lookAtFile } from '../file-check.ts';
import { hashed, isEmpty, refuseUnmasked, type Masking, type StorageClass } from '../masks.ts';
import { refuseOtherShape } from '../shape-of.ts';
import { sortByRules } from '../sort-by-rules.ts';
import { removeAll } from './backup-file.ts';
import type { Content } from './content.ts';
import type { Ask } from './dump-source.ts';
import { fileUrl } from './file.ts';
import { fillFrom } from './fill-rows.ts';
import { isForeignSchema, openNodeSqlite, queryOf, toCopyError } from './node-sqlite.ts';
import { MigrateError } from '../../lib/errors.ts';

export interface CopyRowsJob {
  readonly kind: 'copy-rows';
  readonly from: string;
  /** A temporary name; the file is not there yet. */
  readonly to: string;
  readonly masking: Masking;
  /** What the rules were made for (see `shapeOf`). */
  readonly shape: string;
  /** What people call the source. */
  readonly source: string;
  /** Bytes; a live file that it goes into may take no other. */
  readonly pageSize: number;
  /** Milliseconds. */
  readonly busyTimeout: number;
}

/**
 * Copies a database file of one moment row by row into a new file: what is masked or left out is never written there,
 * nor into any file beside it. Both files are on one connection, so that values that are kept stay exactly what they are.
 */
export async function copyRows(job: CopyRowsJob, onProgress: OnCopyProgress): Promise<Content> {
  const doing = `${job.from} could not be copied`;
  const { kind } = await lookAtFile(job.from);
  if (kind === 'missing') {
    throw new MigrateError('unreachable', `${doing}: it does not exist any more`, {
      next: 'Ask for the status.',
    });
  }
  try {
    return await copyAttached(job, onProgress).catch(async (error: unknown) => {
      if (!isForeignSchema(error)) throw error;
      await removeAll(job.to);
      return copyForeignRows(job, onProgress);
    });
  } catch (error) {
    throw toCopyError(error, doing, job.from);
  }
}

async function copyAttached(job: CopyRowsJob, onProgress: OnCopyProgress): Promise<Content> {
  using db = openLike(job);
  const ask = askOf(db);
  db.exec('BEGIN');
  const source = await readDumpSource(ask, attached);
  refuseOtherShape(source.shape, job.shape, job.source);
  const sorted = await sortByRules(source, job.masking.rules, (table) => asTable(table, ask, attached));
  const parts = { ...sorted, later: source.later };
  await createFilled(db, parts, fillFrom(attached, job.masking), { ask, attached, onProgress });
  db.exec(`DETACH ${attached}`);
  await refuseUnmasked(queryOf(db), job.masking.rules);
  return await finished(db);
}

/** Where the schema is in libSQL's own words, libSQL reads and writes: value by value, as from a server. */
async function copyForeignRows(job: CopyRowsJob, onProgress: OnCopyProgress): Promise<Content> {
  const { dumpThrough } = await import('./dump.ts');
  const { createClient } = await import('@libsql/client/sqlite3');
  const source = createClient({
    url: fileUrl(job.from),
    concurrency: 1,
    intMode: 'bigint',
    timeout: job.busyTimeout,
  });
  try {
    const transaction = await source.transaction('read');
    try {
      const { masking, shape, pageSize } = job;
      const ask: Ask = (sql, args = []) => transaction.execute({ sql, args });
      return await dumpThrough(ask, job.source, job.to, { masking, shape, pageSize, onProgress });
    } finally {
      transaction.close();
    }
  } finally {
    source.close();
  }
}

const attached = 'source';

/** A new file in the encoding of the source, which is attached to it, and with its numbers. */
function openLike({ from, to, masking, pageSize, busyTimeout }: CopyRowsJob): DatabaseSync {
  // Not read-only: so it can undo a dead writer's journal, and takes its own `-wal` away again.
  const { encoding, userVersion, applicationId } = numbersOf(from, busyTimeout);
  const db = openNewFile(to);
  db.exec(`PRAGMA page_size = ${pageSize}; PRAGMA encoding = '${encoding}'`);
  db.exec(`PRAGMA user_version = ${userVersion}; PRAGMA application_id = ${applicationId}`);
  db.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
  db.prepare(`ATTACH ? AS ${attached}`).run(from);
  // As `fillFrom` calls it.
  db.function('mask_hash', { deterministic: true, directOnly: true }, (kind, hex) =>
    maskedHex(String(hex), String(kind), masking),
  );
  return db;
}

function numbersOf(from: string, busyTimeout: number) {
  using source = openNodeSqlite(from, busyTimeout);
  const number = (pragma: string) => Number(Object.values(source.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  const encoding = String(Object.values(source.prepare('PRAGMA encoding').get() ?? {})[0]);
  return { encoding, userVersion: number('user_version'), applicationId: number('application_id') };
}

function maskedHex(hex: string, kind: string, { key }: Masking): SqlValue {
  const known = classes.find((one) => one === kind);
  if (known === undefined) return null;
  if (!isEmpty(hex, known)) return hashed(hex, known, key);
  return known === 'text' ? '' : new Uint8Array();
}

const classes: readonly StorageClass[] = ['integer', 'real', 'text', 'blob'];

function askOf(db: DatabaseSync): AskRaw {
  return (questions) =>
    Promise.resolve(
      questions.map((sql) => {
        const statement = db.prepare(sql);
        const columns = statement.columns().map(({ name }) => name);
        statement.setReadBigInts(true);
        // As arrays: two columns of an answer may have one name.
        statement.setReturnArrays(true);
        const rows = statement.all().map((row) => Object.values(row));
        return { columns, rows };
      }),
    );
}
