import { backup, type DatabaseSync } from 'node:sqlite';
import { rename } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quoteName } from '../../sql/quote.ts';
import type { OnCopyProgress } from '../copy-progress.ts';
import { lookAtFile } from '../file-check.ts';
import { readShape, refuseOtherShape } from '../shape-of.ts';
import { contentOf, type Content } from './content.ts';
import { untilUnlocked } from './copy-in.ts';
import { hasVectorIndex, isForeignSchema, openNodeSqlite, queryOf, toCopyError } from './node-sqlite.ts';

export interface CopyAcrossJob {
  readonly kind: 'copy-across';
  readonly from: string;
  /** A live file, or one that is not there yet. */
  readonly to: string;
  /** A name for a database that does not exist yet; the caller removes it. */
  readonly part: string;
  /** What was planned for (see `shapeOf`). */
  readonly shape: string;
  /** What people call the source. */
  readonly source: string;
  /** Rows by table, as they were counted just before: what is there again need not be counted twice. */
  readonly rows: ReadonlyMap<string, number>;
  /** Milliseconds. */
  readonly busyTimeout: number;
}

/**
 * Writes the pages of one moment of a live file into another, in one transaction there: whatever cuts it off, the other
 * has its old content or the new.
 */
export async function copyAcross(job: CopyAcrossJob, onProgress: OnCopyProgress): Promise<Content> {
  const { from, to, part, busyTimeout } = job;
  const doing = `${to} could not be made from ${from}`;
  try {
    const target = await lookAtFile(to);
    // Not read-only: so it can undo a dead writer's journal, and takes its own `-wal` away again.
    using source = openNodeSqlite(from, busyTimeout);
    source.exec('BEGIN');
    const isReadable = await isAsPlanned(source, job);
    await writePages(source, target.kind === 'missing' ? part : to, { busyTimeout, onProgress });
    if (target.kind === 'missing') await rename(part, to);
    const content = isReadable ? await verified(source, job) : { schema: '', pages: 0, tables: [] };
    source.exec('COMMIT');
    return content;
  } catch (error) {
    throw toCopyError(error, doing, to);
  }
}

/** Not many steps: each one waits for the event loop. The open transaction keeps the source at one moment between them. */
const pagesAtOnce = 8192;

async function writePages(
  source: DatabaseSync,
  to: string,
  { busyTimeout, onProgress }: Pick<CopyAcrossJob, 'busyTimeout'> & { readonly onProgress: OnCopyProgress },
): Promise<void> {
  const pageSize = Number(source.prepare('PRAGMA page_size').get()?.['page_size']);
  const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) => {
    const done = (totalPages - remainingPages) * pageSize;
    onProgress({ done, total: totalPages * pageSize, unit: 'bytes' });
  };
  await untilUnlocked(busyTimeout, () => backup(source, to, { rate: pagesAtOnce, progress }));
}

/** @returns false where only libSQL can tell what is in it */
async function isAsPlanned(source: DatabaseSync, { shape, source: called }: CopyAcrossJob): Promise<boolean> {
  try {
    refuseOtherShape(await readShape(queryOf(source)), shape, called);
    return !hasVectorIndex(source);
  } catch (error) {
    if (isForeignSchema(error)) return false;
    throw error;
  }
}

/** Every page came from the one moment that the source is still held at: it is asked only where a count is another one. */
async function verified(source: DatabaseSync, { to, rows, busyTimeout }: CopyAcrossJob): Promise<Content> {
  using target = openNodeSqlite(to, busyTimeout);
  target.exec('BEGIN');
  const content = await contentOf(queryOf(target));
  const other = content.tables.filter((table) => rows.get(table.table) !== table.rows);
  const wrong = other.filter((table) => countIn(source, table.table) !== table.rows);
  const schema = await readShape(queryOf(target));
  if (wrong.length === 0 && schema === (await readShape(queryOf(source)))) return content;
  const what =
    wrong.length === 0 ? 'the schema differs' : `rows of ${wrong.map(({ table }) => table).join(', ')}`;
  throw new MigrateError('verify-differs', `${to} is not what was copied into it: ${what}`, {
    next: 'Stop the programs that write to it, and do it again.',
  });
}

function countIn(source: DatabaseSync, table: string): number {
  return Number(source.prepare(`SELECT count(*) AS n FROM ${quoteName(table)}`).get()?.['n']);
}
