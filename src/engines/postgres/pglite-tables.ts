import { tmpdir } from 'node:os';
import { asking } from '../../sql/statement.ts';
import type { PgliteAddress } from '../address.ts';
import { breathe } from '../waiting.ts';
import { pieceLength } from './dump-file.ts';
import { heldPglite, type HeldPglite } from './held-pglites.ts';
import { copyFolderAside } from './pglite-folder.ts';
import { startPglite, type Pglite } from './pglite-package.ts';
import { pgliteSession, thrown } from './pglite-session.ts';
import type { ServerSessionOptions } from './server-session.ts';
import { stopped, toTableError } from './table-errors.ts';
import type { TableSession } from './table-session.ts';

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
    copyOut: (select, take) =>
      unlessStopped(async () => {
        const { blob } = await pglite.query(`COPY (${select}) TO '/dev/blob'`, [], {}).catch(thrown);
        return blob ? takeLines(Buffer.from(await blob.arrayBuffer()), take) : 0;
      }),
    copyIn: (into, pieces) =>
      unlessStopped(async () => {
        let rows = 0;
        for await (const part of wholeRows(pieces)) {
          if (signal?.aborted) throw stopped();
          await breathe();
          const sql = `COPY ${into} FROM '/dev/blob'`;
          const { affectedRows = 0 } = await pglite.query(sql, [], { blob: new Blob([part]) }).catch(thrown);
          rows += affectedRows;
        }
        return rows;
      }),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      if (pglite.isInTransaction()) await session.command('ROLLBACK');
      await release();
    },
  };
}

/** Each line is a row: a line break within a value is written otherwise. */
async function takeLines(all: Buffer, take: (row: Buffer) => Promise<void> | undefined): Promise<number> {
  let rows = 0;
  for (let from = 0; from < all.length; rows += 1) {
    const end = all.indexOf(newline, from);
    const next = end < 0 ? all.length : end + 1;
    await take(all.subarray(from, next));
    from = next;
  }
  return rows;
}

/** Some megabytes at a time, which end with a row; each is only valid until the next is asked for. */
async function* wholeRows(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let place = Buffer.allocUnsafe(portion + pieceLength);
  let filled = 0;
  for await (const piece of pieces) {
    // A row may be as long as PostgreSQL lets it be.
    if (filled + piece.length > place.length) place = Buffer.concat([place], 2 * (filled + piece.length));
    place.set(piece, filled);
    filled += piece.length;
    const end = filled < portion ? 0 : place.lastIndexOf(newline, filled - 1) + 1;
    if (end === 0) continue;
    yield place.subarray(0, end);
    place.copyWithin(0, end, filled);
    filled -= end;
  }
  if (filled > 0) yield place.subarray(0, filled);
}

const newline = 0x0a;

/** Bytes. */
const portion = 8 * 1024 * 1024;
