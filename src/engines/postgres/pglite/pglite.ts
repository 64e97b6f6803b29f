import { tmpdir } from 'node:os';
import { MigrateError } from '../../../lib/errors.ts';
import { asking, type Row, type Statement } from '../../../sql/statement.ts';
import type { PgliteAddress } from '../../address.ts';
import type { Engine } from '../../engine.ts';
import { turns } from '../../turns.ts';
import { runAlone } from '../alone.ts';
import { holdPglite } from './held.ts';
import { copyFolderAside, lockFolder, lookAtFolder } from './folder.ts';
import { startPglite } from './package.ts';
import { pgliteSession } from './session.ts';
import { refuseNoQuestion } from '../read-only.ts';
import { ConnectionLost } from '../server-errors.ts';
import type { Session } from '../session.ts';
import { runPostgresUnit } from '../unit.ts';

export interface PgliteOptions {
  /** For a question a copy of the folder is read: PGlite writes into what it opens. */
  readonly purpose: 'question' | 'change';
  /** For a change: what to do about a folder that is not there or empty. */
  readonly ifMissing?: 'refuse' | 'create';
  /** Where the copy for a question may be made; the system's folder for temporary files unless said. */
  readonly scratch?: string;
  readonly signal?: AbortSignal;
}

export type OpenedPglite =
  | { readonly kind: 'open'; readonly engine: Engine }
  /** The folder is not there, and may not be made. */
  | { readonly kind: 'missing' };

/**
 * Opens a PGlite database, which runs in this process: the project's own PGlite is loaded for it.
 *
 * @throws MigrateError `busy` when the folder is open elsewhere, `config` without PGlite, `unreachable`, `storage`
 */
export async function openPglite({ folder }: PgliteAddress, options: PgliteOptions): Promise<OpenedPglite> {
  if (folder === undefined) {
    const inMemory = { options, location: ':memory:', folder, release: () => Promise.resolve() };
    return { kind: 'open', engine: await startEngine(inMemory) };
  }
  const { purpose, ifMissing = 'refuse', signal } = options;
  const { kind } = await lookAtFolder(folder);
  if (kind === 'missing' && (purpose === 'question' || ifMissing === 'refuse')) return { kind: 'missing' };
  signal?.throwIfAborted();
  const start = { options, location: folder, ...(await heldFolder(folder, options)) };
  try {
    return { kind: 'open', engine: await startEngine(start) };
  } catch (error) {
    await start.release();
    throw error;
  }
}

/** The folder itself, kept from others, or a copy of it to read. */
async function heldFolder(
  folder: string,
  { purpose, scratch = tmpdir() }: PgliteOptions,
): Promise<Pick<Start, 'folder' | 'release'>> {
  if (purpose === 'question') {
    const copy = await copyFolderAside(folder, scratch);
    return { folder: copy.path, release: async () => copy[Symbol.asyncDispose]() };
  }
  const lock = await lockFolder(folder);
  return { folder, release: async () => lock[Symbol.asyncDispose]() };
}

interface Start {
  readonly options: PgliteOptions;
  readonly location: string;
  /** Undefined: in memory. */
  readonly folder: string | undefined;
  /** Called once it is closed. */
  readonly release: () => Promise<void>;
}

async function startEngine({ options, location, folder, release }: Start): Promise<Engine> {
  const { purpose, signal } = options;
  const pglite = await startPglite(folder);
  const session = pgliteSession(pglite);
  if (purpose === 'question') await session.command('SET default_transaction_read_only = on');
  // A question must not land in the middle of a unit.
  const inTurn = turns();
  const held =
    purpose === 'change' && folder !== undefined ? holdPglite(folder, { pglite, inTurn }) : undefined;
  const place = { location, session: () => Promise.resolve(session) };
  let disposed = false;
  return {
    name: 'pglite',
    location,
    delivery: 'statement-by-statement',
    foreignKeys: 'always-on',
    query: asking('postgres', async (statement) => {
      if (purpose === 'question') refuseNoQuestion(statement.sql, location);
      signal?.throwIfAborted();
      return inTurn(() => read(session, statement, location));
    }),
    alone: (statement, given = {}) => {
      if (purpose === 'question') return Promise.reject(openForReading(location));
      return inTurn(() => runAlone(statement, place, { ...(signal ? { signal } : {}), ...given }));
    },
    unit: (unit, given = {}) => {
      if (purpose === 'question') return Promise.reject(openForReading(location));
      const asked = { busyTimeout: 5000, ...(signal ? { signal } : {}), ...given };
      return inTurn(() => runPostgresUnit(unit, place, asked));
    },
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      held?.[Symbol.dispose]();
      try {
        await inTurn(() => pglite.close());
      } finally {
        await release();
      }
    },
  };
}

function openForReading(location: string): MigrateError {
  return new MigrateError('refused', `${location} is open for reading only`);
}

async function read(session: Session, statement: Statement, location: string): Promise<readonly Row[]> {
  try {
    return (await session.run(statement)).rows;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    throw new MigrateError('unreachable', `PGlite on ${location} failed (${error.message})`, {
      cause: error,
      next: 'Try again; what was committed is in the folder.',
    });
  }
}
