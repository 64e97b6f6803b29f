import { open } from 'node:fs/promises';
import { backup, type DatabaseSync } from 'node:sqlite';
import { MigrateError } from '../../lib/errors.ts';
import type { Query } from '../../sql/statement.ts';
import { lookAtFile } from '../file-check.ts';
import { contentOf, damageOf, differencesOf, leaseTable, type Content } from './content.ts';
import { changeCopy, readCopy } from './copies.ts';
import { hasVectorIndex, isForeignSchema, openNodeSqlite, queryOf, toCopyError } from './node-sqlite.ts';

export interface CopyOutJob {
  readonly kind: 'backup';
  readonly from: string;
  /** A temporary name; nothing is renamed here. */
  readonly to: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
}

/** All pages in one step: in smaller ones the copy starts anew whenever somebody else writes. */
export const wholeFile = 2147483647;

/** One consistent snapshot, on the disk, without a live lease. Calls `copied` before the content is verified. */
export async function copyOut(job: CopyOutJob, copied: () => void): Promise<Content> {
  const { from, to } = job;
  const doing = `${from} could not be backed up`;
  const { kind } = await lookAtFile(from);
  if (kind === 'missing') {
    throw new MigrateError('unreachable', `${doing}: it does not exist any more`, {
      next: 'Ask for the status.',
    });
  }
  try {
    const source = await snapshot(job);
    if (await hasLease(to)) await changeCopy(to, [endLease]);
    await flush(to);
    copied();
    const copy = await readCopy(to, (query) => soundContent(query, from));
    const wrong = source ? [...differencesOf(source, copy), ...sizeDifference(source, copy)] : [];
    if (wrong.length === 0) return copy;
    throw new MigrateError(
      'backup-failed',
      `The copy of ${from} is not what was copied: ${wrong.join('; ')}`,
      {
        next: 'Try again; if it happens again, check the disk.',
      },
    );
  } catch (error) {
    throw toCopyError(error, doing, from);
  }
}

/**
 * Pages and content of one moment: both are taken inside one read transaction of one connection.
 * No content when only libSQL could read it: then the copy alone can be looked at.
 */
async function snapshot({ from, to, busyTimeout }: CopyOutJob): Promise<Content | undefined> {
  // Not read-only: so it can undo a dead writer's journal, and takes its own `-wal` away again.
  using source = openNodeSqlite(from, busyTimeout);
  source.exec('BEGIN');
  const content = await readableContent(source);
  await backup(source, to, { rate: wholeFile });
  source.exec('COMMIT');
  return content;
}

/** Undefined where only libSQL can tell. */
async function readableContent(source: DatabaseSync): Promise<Content | undefined> {
  try {
    return hasVectorIndex(source) ? undefined : await contentOf(queryOf(source));
  } catch (error) {
    if (isForeignSchema(error)) return undefined;
    throw error;
  }
}

// Of an empty file, which is a database without a page, SQLite makes one with its first.
function sizeDifference(source: Content, copy: Content): readonly string[] {
  return Math.max(1, source.pages) === copy.pages ? [] : ['the number of pages differs'];
}

const endLease = { sql: `UPDATE ${leaseTable} SET run = NULL, expires_at = 0 WHERE run IS NOT NULL` };

function hasLease(copy: string): Promise<boolean> {
  return readCopy(copy, async (query) => {
    const exists = await query({ sql: `SELECT 1 FROM sqlite_schema WHERE name = '${leaseTable}'` });
    if (exists.length === 0) return false;
    return (await query({ sql: `SELECT 1 FROM ${leaseTable} WHERE run IS NOT NULL` })).length > 0;
  });
}

/** The content; throws when `quick_check` finds damage. */
async function soundContent(query: Query, from: string): Promise<Content> {
  const damage = await damageOf(query);
  if (damage === undefined) return contentOf(query);
  throw new MigrateError(
    'backup-failed',
    `The copy of ${from} is damaged, as ${from} itself may be: ${damage}`,
    {
      next: `Run PRAGMA integrity_check on ${from} before anything else.`,
    },
  );
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}
