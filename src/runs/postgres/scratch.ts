import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Address } from '../../engines/address.ts';
import type { Engine } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { openDump } from '../../engines/postgres/dump-reader.ts';
import { openTableSession } from '../../engines/postgres/open-session.ts';
import { fill } from '../../engines/postgres/restore.ts';
import { createScratchDatabase, type ScratchDatabase } from '../../engines/postgres/scratch-database.ts';
import { isTrackingTable, onProgressOf } from '../back-up-database.ts';
import { backupFileOf } from '../backups.ts';
import type { RunContext, RunDatabase, Scratch } from '../context.ts';
import { rehearsalOf } from '../rehearsal-of.ts';
import { scratchIn } from '../scratch.ts';
import { copyPostgres } from './copy.ts';

/**
 * Makes the scratch database of a rehearsal on the server, from the run's backup; it is dropped with its engine.
 *
 * @param folder for a copy that is made for this alone
 */
export async function restoreIntoServer(
  of: RunDatabase,
  folder: string,
  context: RunContext,
): Promise<Scratch> {
  const made = await scratchDatabaseLike(of.target.address, of.database.name, context.signal);
  try {
    if (of.engine) await fillFrom(of, folder, { made, context });
    return scratchIn(await openedIn(made), { bookkeeping: of.database.table });
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw error;
  }
}

/** An empty one on the server, whose end is the engine's. */
export async function openServerScratch(
  like: Address,
  called: string,
  signal: AbortSignal | undefined,
): Promise<Engine> {
  const made = await scratchDatabaseLike(like, called, signal);
  try {
    return await openedIn(made);
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw error;
  }
}

function scratchDatabaseLike(
  like: Address,
  called: string,
  signal: AbortSignal | undefined,
): Promise<ScratchDatabase> {
  if (like.kind !== 'postgres') throw new Error(`A ${like.kind} database is on no server of PostgreSQL.`);
  return createScratchDatabase(like, called, signal);
}

async function openedIn(made: ScratchDatabase): Promise<Engine> {
  const opened = await openEngine(made.address, { purpose: 'change' });
  if (opened.kind !== 'open') throw new Error('A scratch database is there once it is made.');
  const { engine } = opened;
  return {
    ...engine,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}

/** Where no copy was taken there is none to restore: the rehearsal gets one of its own. */
async function fillFrom(
  of: RunDatabase,
  folder: string,
  { made, context }: { readonly made: ScratchDatabase; readonly context: RunContext },
): Promise<void> {
  const { backup } = of;
  const isFull = rehearsalOf(context.environment, of.target.address) === 'full';
  if (isFull && backup?.copy.kind === 'copy') {
    await fillWith(backupFileOf(context.places.backups, backup.id, backup.copy), made, context);
    return;
  }
  const file = join(folder, `${encodeURIComponent(of.database.name)}.pgdump`);
  try {
    await copyPostgres(of.target.address, file, {
      look: () => Promise.resolve(),
      ...(isFull ? {} : { withRows: isTrackingTable(of) }),
      signal: context.signal,
      onProgress: onProgressOf(of, context, 'dry-run'),
    });
    await fillWith(file, made, context);
  } finally {
    await rm(file, { force: true });
  }
}

async function fillWith(file: string, made: ScratchDatabase, { signal }: RunContext): Promise<void> {
  await using dump = await openDump(file);
  await using session = await openTableSession(made.address, { signal });
  await fill(session, dump, { scope: 'session', rights: 'left-out' });
}
