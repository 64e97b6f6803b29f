import { open } from 'node:fs/promises';
import { backup } from 'node:sqlite';
import { MigrateError } from '../../lib/errors.ts';
import type { Query } from '../../sql/statement.ts';
import { lookAtFile } from '../file-check.ts';
import { contentOf, damageOf, differencesOf, leaseTable, type Content } from './content.ts';
import { changeCopy, readCopy } from './copies.ts';
import { isForeignSchema, openNodeSqlite, queryOf, toCopyError } from './node-sqlite.ts';

export interface CopyOutJob {
  readonly kind: 'backup';
  readonly from: string;
  /** A temporary name; nothing is renamed here. */
  readonly to: string;
}

/** All pages in one step: in smaller ones the copy starts anew whenever somebody else writes. */
export const wholeFile = 2147483647;

/** One consistent snapshot, on the disk, without a live lease. Calls `copied` before the content is verified. */
export async function copyOut({ from, to }: CopyOutJob, copied: () => void): Promise<Content> {
  const doing = `${from} could not be backed up`;
  const { kind } = await lookAtFile(from);
  if (kind === 'missing') {
    throw new MigrateError('unreachable', `${doing}: it does not exist any more`, {
      next: 'Ask for the status.',
    });
  }
  try {
    const source = await snapshot(from, to);
    if (await hasLease(to)) await changeCopy(to, [endLease]);
    await flush(to);
    copied();
    const copy = await readCopy(to, (query) => soundContent(query, from));
    const wrong = [
      ...(source.pages === copy.pages ? [] : ['the size differs']),
      ...(source.content ? differencesOf(source.content, copy) : []),
    ];
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

interface Snapshot {
  readonly pages: number;
  /** Undefined when only libSQL could read it: then the copy alone can be looked at. */
  readonly content: Content | undefined;
}

/** Pages and content of one moment: both are taken inside one read transaction of one connection. */
async function snapshot(from: string, to: string): Promise<Snapshot> {
  // Not read-only: so it can undo a dead writer's journal, and takes its own `-wal` away again.
  using source = openNodeSqlite(from);
  source.exec('BEGIN');
  const query = queryOf(source);
  const content = await contentOf(query).catch((error: unknown) => {
    if (isForeignSchema(error)) return undefined;
    throw error;
  });
  const [counted] = await query({ sql: 'PRAGMA page_count' });
  await backup(source, to, { rate: wholeFile });
  source.exec('COMMIT');
  return { pages: Number(counted?.page_count), content };
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
