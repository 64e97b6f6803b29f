import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { rename } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Query, Statement } from '../../sql/statement.ts';
import { lookAtFile } from '../file-check.ts';
import { immutableUrl } from '../immutable-url.ts';
import { contentOf, damageOf, differencesOf, leaseTable, type Content } from './content.ts';
import { changeCopy, readCopy } from './copies.ts';
import { wholeFile } from './copy-out.ts';
import {
  errcodeOf,
  hasVectorIndex,
  isForeignSchema,
  openNodeSqlite,
  queryOf,
  toCopyError,
} from './node-sqlite.ts';

export interface CopyInJob {
  readonly kind: 'restore';
  readonly from: string;
  readonly to: string;
  /** A name for a private copy, on which `prepare` is run; the caller removes it. Undefined: `from` is nobody else's. */
  readonly prepared: string | undefined;
  /** A name for a database that does not exist yet; the caller removes it. */
  readonly part: string;
  readonly prepare: readonly Statement[];
  readonly ifMissing: 'refuse' | 'create';
  /** Milliseconds. */
  readonly busyTimeout: number;
}

/** Writes a backup into a live file through SQLite's own locks and journal: it has the old content or the new. */
export async function copyIn(job: CopyInJob): Promise<Content> {
  const doing = `${job.to} could not be restored from ${job.from}`;
  try {
    const target = await lookAtFile(job.to);
    await checkStates(job, target.kind, doing);
    const from = await preparedCopy(job);
    const expected = await readCopy(from, restoredOf);
    if (target.kind === 'missing') {
      await copyPages(from, job.part, job, doing);
      await rename(job.part, job.to);
    } else {
      await copyPages(from, job.to, job, doing);
    }
    return await verified(job, expected);
  } catch (error) {
    throw toCopyError(error, doing, job.to);
  }
}

async function checkStates(job: CopyInJob, target: string, doing: string): Promise<void> {
  if (target === 'missing' && job.ifMissing === 'refuse') {
    throw new MigrateError('unreachable', `${doing}: ${job.to} does not exist`, {
      next: 'Correct the path.',
    });
  }
  const { kind } = await lookAtFile(job.from);
  if (kind === 'database') return;
  const what = kind === 'missing' ? 'does not exist' : 'is empty';
  throw new MigrateError('not-found', `${doing}: the backup ${what}`, {
    next: 'List the backups and choose another.',
  });
}

async function preparedCopy({ from, prepared, prepare }: CopyInJob): Promise<string> {
  if (prepare.length === 0) return from;
  if (prepared !== undefined) await copyFile(from, prepared, constants.COPYFILE_FICLONE);
  const changed = prepared ?? from;
  await changeCopy(changed, prepare);
  return changed;
}

async function copyPages(from: string, to: string, { busyTimeout }: CopyInJob, doing: string): Promise<void> {
  using source = new DatabaseSync(immutableUrl(from), { readOnly: true });
  try {
    await untilUnlocked(busyTimeout, () => backup(source, to, { rate: wholeFile }));
  } catch (error) {
    throw toCopyError(error, doing, to);
  }
}

/** Writes through the backup API, which does not wait for a lock, and reports one as code 0, "not an error". */
export async function untilUnlocked(busyTimeout: number, write: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + busyTimeout;
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      const base = (errcodeOf(error) ?? -1) & 0xff;
      if (![0, 5, 6].includes(base) || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Restored extends Content {
  /** Who holds the lease in it, and under which epoch. */
  readonly lease: string | undefined;
}

async function restoredOf(query: Query): Promise<Restored> {
  return { ...(await contentOf(query)), lease: await leaseOf(query) };
}

async function leaseOf(query: Query): Promise<string | undefined> {
  const tables = await query({ sql: `SELECT 1 FROM sqlite_schema WHERE name = '${leaseTable}'` });
  if (tables.length === 0) return undefined;
  const [row] = await query({ sql: `SELECT run || ' ' || epoch AS held FROM ${leaseTable}` });
  const held = row?.['held'];
  return typeof held === 'string' ? held : undefined;
}

/**
 * All pages are written in one transaction, so the lease that was planted on the copy tells that the rest is in, too:
 * a table that has other rows by then was written to since, by a program that has the database open.
 */
function isWrittenSince(expected: Restored, found: Restored): boolean {
  return expected.lease !== undefined && expected.lease === found.lease && expected.schema === found.schema;
}

async function verified({ to, busyTimeout }: CopyInJob, expected: Restored): Promise<Content> {
  using target = openNodeSqlite(to, busyTimeout);
  const query = queryOf(target);
  target.exec('BEGIN');
  try {
    if (hasVectorIndex(target)) return expected;
    const damage = await damageOf(query);
    if (damage !== undefined) throw differs(to, damage);
    const content = await restoredOf(query);
    const wrong = differencesOf(expected, content);
    if (wrong.length > 0 && !isWrittenSince(expected, content)) throw differs(to, wrong.join('; '));
    return content;
  } catch (error) {
    // Its pages were written under SQLite's own locks; only libSQL can say more about such a schema.
    if (isForeignSchema(error)) return expected;
    throw error;
  }
}

function differs(to: string, what: string): MigrateError {
  return new MigrateError('verify-differs', `${to} was restored, but is not what the backup holds: ${what}`, {
    next: 'Stop the programs that write to it, and restore again.',
  });
}
