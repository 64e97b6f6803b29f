import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, lstat, mkdir, readdir, readFile, readlink, realpath, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { rm } from '../../../lib/patient-fs.ts';
import { codeOf } from '../../../lib/error-code.ts';
import { MigrateError } from '../../../lib/errors.ts';
import { isAlive } from '../../../lib/is-alive.ts';
import { parseJson } from '../../../lib/json.ts';

/**
 * What a folder holds, found out without starting PGlite, which would make a database there.
 *
 * @throws MigrateError `unreachable` when it is no database of PostgreSQL
 */
export async function lookAtFolder(path: string): Promise<{ readonly kind: 'missing' | 'database' }> {
  const names = await readdir(path).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return [];
    throw new MigrateError(
      'unreachable',
      `${path} cannot be read as a folder (${codeOf(error) ?? 'failed'})`,
      {
        cause: error,
        next: 'A PGlite database is a folder: check the path and its permissions.',
      },
    );
  });
  if (names.length === 0) return { kind: 'missing' };
  if (names.includes('PG_VERSION')) return { kind: 'database' };
  throw new MigrateError('unreachable', `${path} is not a folder of PGlite: it has files but no PG_VERSION`, {
    next: 'Check the path.',
  });
}

/**
 * Keeps a folder for this process: PGlite has no lock of its own, and two of them on one folder destroy it. Another
 * run of ours is known by a file beside the folder, another program by the files that it has open.
 *
 * @throws MigrateError `busy`
 */
export async function lockFolder(path: string): Promise<AsyncDisposable> {
  const lock = `${path}.migrate-tui-lock`;
  await mkdir(dirname(path), { recursive: true });
  await takeLock(path, lock);
  try {
    await refuseOtherPrograms(path);
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
  return { [Symbol.asyncDispose]: () => rm(lock, { force: true }) };
}

async function takeLock(path: string, lock: string): Promise<void> {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let isLast = false; ; isLast = true) {
    try {
      return await writeFile(lock, mine, { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw notLocked(path, error);
    }
    const holder = await holderOf(lock);
    if (isLast || !isGone(holder)) throw heldByUs(path, lock, holder);
    await rm(lock, { force: true });
  }
}

interface LockHolder {
  readonly pid: number;
  readonly host: string;
}

async function holderOf(lock: string): Promise<LockHolder | undefined> {
  const read = parseJson(await readFile(lock, 'utf8').catch(() => ''));
  const value = read.kind === 'read' ? read.value : undefined;
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('host' in value))
    return undefined;
  return typeof value.pid === 'number' && typeof value.host === 'string'
    ? { pid: value.pid, host: value.host }
    : undefined;
}

/** A process of another machine may well live. */
function isGone(holder: LockHolder | undefined): boolean {
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
}

/**
 * Its `postmaster.pid` says that somebody has it open or ended without closing it, but not who. Where the system
 * shows which files are open that decides; elsewhere a person has to.
 */
async function refuseOtherPrograms(path: string): Promise<void> {
  const pidFile = join(path, 'postmaster.pid');
  if (!(await exists(pidFile))) return;
  const users = await usersOf(path);
  if (users === undefined) {
    throw new MigrateError('busy', `${path} is open in another program, or one ended without closing it`, {
      next: `Stop the program; if there is none, delete ${pidFile}.`,
    });
  }
  const [pid] = users;
  if (pid === undefined) return;
  throw new MigrateError('busy', `${path} is open in another program (process ${pid})`, {
    next: 'Stop the program first: two of them on one folder destroy it.',
  });
}

/** The processes with a file below the folder open; undefined where the system does not show it. */
async function usersOf(path: string): Promise<readonly number[] | undefined> {
  const below = (await realpath(path)) + sep;
  const pids = (await readdir('/proc').catch(() => undefined))?.map(Number).filter(Number.isInteger);
  if (pids === undefined || pids.length === 0) return undefined;
  const found = await Promise.all(pids.map(async (pid) => ((await hasOpen(pid, below)) ? [pid] : [])));
  return found.flat().filter((pid) => pid !== process.pid);
}

async function hasOpen(pid: number, below: string): Promise<boolean> {
  // A process of another user shows nothing, and could not have the folder of this one open.
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  return targets.some((target) => target.startsWith(below));
}

/**
 * A copy for questions: PGlite writes into what it opens, and the folder may be open in the project's own program.
 *
 * @param scratch where rows may lie: the folder is made for its user alone, and its name carries the process
 * @throws MigrateError `busy` when somebody keeps writing to it
 */
export async function copyFolderAside(
  path: string,
  scratch: string,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = join(scratch, `read-${randomBytes(4).toString('hex')}-${process.pid}`);
  const remove = () => rm(folder, { recursive: true, force: true });
  const copy = join(folder, basename(path));
  try {
    for (let left = 3; left > 0; left -= 1) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const before = await stampOf(path);
      await cp(path, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
      if ((await stampOf(path)) === before) {
        await rm(join(copy, 'postmaster.pid'), { force: true });
        return { path: copy, [Symbol.asyncDispose]: remove };
      }
      await remove();
    }
  } catch (error) {
    await remove();
    throw new MigrateError(
      'storage',
      `${scratch} takes no copy of ${path} to read (${codeOf(error) ?? 'failed'})`,
      {
        cause: error,
        next: 'Make room there, and try again.',
      },
    );
  }
  throw new MigrateError(
    'busy',
    `${path} is written to all the time, so that no copy of one moment can be read`,
    {
      next: 'Try again when the program that writes to it is quiet.',
    },
  );
}

/** Changes whenever a file of the folder does. */
async function stampOf(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true });
  const stamps = await Promise.all(
    entries.toSorted().map(async (entry) => {
      const found = await lstat(join(path, entry), { bigint: true }).catch(() => undefined);
      return found?.isFile() ? `${entry} ${found.size} ${found.mtimeNs}` : entry;
    }),
  );
  return stamps.join('\n');
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function heldByUs(path: string, lock: string, holder: LockHolder | undefined): MigrateError {
  const who = holder === undefined ? '' : ` (process ${holder.pid} on ${holder.host})`;
  return new MigrateError('busy', `${path} is open in another run${who}`, {
    next: `Let it finish, and try again; if there is none, delete ${lock}.`,
  });
}

function notLocked(path: string, cause: unknown): MigrateError {
  return new MigrateError(
    'storage',
    `${path} cannot be locked: ${dirname(path)} takes no file (${codeOf(cause) ?? 'failed'})`,
    {
      cause,
      next: 'Give the user who runs this the right to write there.',
    },
  );
}
