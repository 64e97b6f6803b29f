import { rename } from 'node:fs/promises';
import { backup, type DatabaseSync } from 'node:sqlite';
import { MigrateError } from '../../lib/errors.ts';
import type { OnCopyProgress } from '../copy-progress.ts';
import { lookAtFile } from '../file-check.ts';
import { readShape, refuseOtherShape } from '../shape-of.ts';
import { contentOf, differencesOf, type Content } from './content.ts';
import { untilUnlocked } from './copy-in.ts';
import { isForeignSchema, openNodeSqlite, queryOf, toCopyError } from './node-sqlite.ts';

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
    const expected = await copied(job, target.kind === 'missing' ? part : to, onProgress);
    if (target.kind === 'missing') await rename(part, to);
    return await verified(to, expected, busyTimeout);
  } catch (error) {
    throw toCopyError(error, doing, to);
  }
}

/** Not many steps: each one waits for the event loop. The open transaction keeps the source at one moment between them. */
const pagesAtOnce = 16_384;

async function copied(
  { from, shape, source: called, busyTimeout }: CopyAcrossJob,
  to: string,
  onProgress: OnCopyProgress,
): Promise<Content | undefined> {
  // Not read-only: so it can undo a dead writer's journal, and takes its own `-wal` away again.
  using source = openNodeSqlite(from, busyTimeout);
  source.exec('BEGIN');
  const content = await readableContent(source, { shape, called });
  const pageSize = Number(source.prepare('PRAGMA page_size').get()?.['page_size']);
  const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) => {
    onProgress({
      done: (totalPages - remainingPages) * pageSize,
      total: totalPages * pageSize,
      unit: 'bytes',
    });
  };
  await untilUnlocked(busyTimeout, () => backup(source, to, { rate: pagesAtOnce, progress }));
  source.exec('COMMIT');
  return content;
}

/** Undefined where only libSQL can read the schema. */
async function readableContent(
  source: DatabaseSync,
  { shape, called }: { readonly shape: string; readonly called: string },
): Promise<Content | undefined> {
  const query = queryOf(source);
  try {
    refuseOtherShape(await readShape(query), shape, called);
    return await contentOf(query);
  } catch (error) {
    if (isForeignSchema(error)) return undefined;
    throw error;
  }
}

async function verified(to: string, expected: Content | undefined, busyTimeout: number): Promise<Content> {
  if (expected === undefined) return { schema: '', pages: 0, tables: [] };
  using target = openNodeSqlite(to, busyTimeout);
  target.exec('BEGIN');
  const content = await contentOf(queryOf(target));
  const wrong = differencesOf(expected, content);
  if (wrong.length === 0) return content;
  throw new MigrateError('verify-differs', `${to} is not what was copied into it: ${wrong.join('; ')}`, {
    next: 'Stop the programs that write to it, and do it again.',
  });
}
