import { tmpdir } from 'node:os';
import { asking } from '../../../sql/statement.ts';
import type { PgliteAddress } from '../../address.ts';
import { heldPglite, type HeldPglite } from './held.ts';
import { copyInto, copyOutOf } from './copy.ts';
import { copyFolderAside } from './folder.ts';
import { startPglite, type Pglite } from './package.ts';
import { pgliteSession } from './session.ts';
import type { ServerSessionOptions } from '../server-session.ts';
import { stopped, toTableError } from '../copy/table-errors.ts';
import { resetSettings, type TableSession } from '../copy/table-session.ts';

/**
 * Opens a session with a PGlite database. One that this process has open for changes is used alone until the session
 * ends; of another one a copy is read.
 *
 * @throws MigrateError `config` without PGlite, `unreachable`
 */
export async function openPgliteTables(
  { folder }: PgliteAddress,
  { signal }: Pick<ServerSessionOptions, 'signal'>,
): Promise<TableSession> {
  if (folder === undefined) throw new Error('A database in memory is copied by nobody.');
  const held = heldPglite(folder);
  const { pglite, release } = held ? await alone(held) : await aside(folder);
  return sessionIn(pglite, { location: folder, signal, release });
}

interface Opened {
  readonly pglite: Pglite;
  readonly release: () => Promise<void>;
}

function alone({ pglite, inTurn }: HeldPglite): Promise<Opened> {
  const over = Promise.withResolvers<void>();
  return new Promise((resolve) => {
    void inTurn(() => {
      resolve({ pglite, release: () => Promise.resolve(over.resolve()) });
      return over.promise;
    });
  });
}

async function aside(folder: string): Promise<Opened> {
  const copy = await copyFolderAside(folder, tmpdir());
  try {
    const pglite = await startPglite(copy.path);
    return {
      pglite,
      release: async () => {
        await pglite.close();
        await copy[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await copy[Symbol.asyncDispose]();
    throw error;
  }
}

function sessionIn(
  pglite: Pglite,
  {
    location,
    signal,
    release,
  }: {
    readonly location: string;
    readonly signal: AbortSignal | undefined;
    readonly release: () => Promise<void>;
  },
): TableSession {
  const session = pgliteSession(pglite);
  const unlessStopped = async <T>(work: () => Promise<T>): Promise<T> => {
    if (signal?.aborted) throw stopped();
    return work().catch((error: unknown) => {
      throw toTableError(error, location);
    });
  };
  let isOpen = true;
  return {
    location,
    query: asking('postgres', (statement) => unlessStopped(async () => (await session.run(statement)).rows)),
    run: (sql) => unlessStopped(async () => void (await session.command(sql))),
    rollback: async () => void (await session.command('ROLLBACK')),
    copyOut: (table, take) => unlessStopped(() => copyOutOf(pglite, table, { take, signal })),
    copyIn: (into, pieces) => unlessStopped(() => copyInto(pglite, into, { pieces, signal })),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      if (pglite.isInTransaction()) await session.command('ROLLBACK');
      await session.command(resetSettings);
      await release();
    },
  };
}
