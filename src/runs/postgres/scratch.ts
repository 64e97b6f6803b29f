import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import type { Address, PostgresAddress } from '../../engines/address.ts';
import type { Engine } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { openDump } from '../../engines/postgres/copy/dump-reader.ts';
import { openTableSession } from '../../engines/postgres/copy/open-session.ts';
import { findPglite } from '../../engines/postgres/pglite/package.ts';
import { fill } from '../../engines/postgres/copy/restore.ts';
import { createScratchDatabase } from '../../engines/postgres/scratch-database.ts';
import { MigrateError } from '../../lib/errors.ts';
import { isTrackingTable, onProgressOf } from '../backups/back-up-database.ts';
import type { RunContext, RunDatabase, Scratch } from '../context.ts';
import { openBackup } from '../backups/open-backup.ts';
import { rehearsalOf } from '../rehearsal-of.ts';
import { scratchIn } from '../replay/scratch.ts';
import { copyPostgres } from './copy.ts';
import { permitAll } from './left-out.ts';

/**
 * Makes the scratch database of a rehearsal from the run's backup; it is gone with its engine.
 *
 * @param folder for what is made for this alone
 */
export async function restoreIntoPostgres(
  of: RunDatabase,
  folder: string,
  context: RunContext,
): Promise<Scratch> {
  const made = await makeScratch(of, folder, context);
  try {
    if (of.engine) await fillFrom(of, folder, { made, context });
    return scratchIn(made.engine, { bookkeeping: of.database.table });
  } catch (error) {
    await made.engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** An empty database, which is gone with its engine. */
interface Made {
  readonly address: Address;
  readonly engine: Engine;
}

function makeScratch(of: RunDatabase, folder: string, context: RunContext): Promise<Made> {
  const { address } = of.target;
  const inFolder = () => makeInFolder(join(folder, `${encodeURIComponent(of.database.name)}.pglite`));
  switch (address.kind) {
    case 'postgres':
      return makeOnServer(address, of.database.name, context.signal).catch((error: unknown) => {
        const isWithoutRows = rehearsalOf(context.environment, address) === 'structure';
        // Without rows any PostgreSQL will do, and this one asks nobody for a right.
        if (isWithoutRows && isRefusal(error) && findPglite() !== undefined) return inFolder();
        throw error;
      });
    case 'pglite':
      return inFolder();
    default:
      throw new Error(`A ${address.kind} database is not rehearsed in PostgreSQL.`);
  }
}

const isRefusal = (error: unknown) => error instanceof MigrateError && error.code === 'refused';

/** On the server that the address names for it. */
export async function makeOnServer(
  like: PostgresAddress,
  called: string,
  signal: AbortSignal | undefined,
): Promise<Made> {
  const made = await createScratchDatabase(like, called, signal);
  try {
    const engine = await opened(made.address);
    return { address: made.address, engine: endingWith(engine, () => made[Symbol.asyncDispose]()) };
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw error;
  }
}

async function makeInFolder(folder: string): Promise<Made> {
  const address = { kind: 'pglite', folder } as const;
  const engine = await opened(address);
  return { address, engine: endingWith(engine, () => rm(folder, { recursive: true, force: true })) };
}

async function opened(address: Address): Promise<Engine> {
  const found = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
  if (found.kind !== 'open') throw new Error('A scratch database is there once it is made.');
  return found.engine;
}

function endingWith(engine: Engine, end: () => PromiseLike<void>): Engine {
  return {
    ...engine,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await end();
    },
  };
}

/** Where no copy was taken there is none to restore: the rehearsal gets one of its own. */
async function fillFrom(
  of: RunDatabase,
  folder: string,
  { made, context }: { readonly made: Made; readonly context: RunContext },
): Promise<void> {
  const { backup } = of;
  const isFull = rehearsalOf(context.environment, of.target.address) === 'full';
  if (isFull && backup?.copy.kind === 'copy') {
    await using copy = await openBackup(context, { id: backup.id, file: backup.copy }, context);
    await fillWith(copy.path, made, context);
    return;
  }
  const file = join(folder, `${encodeURIComponent(of.database.name)}.pgdump`);
  try {
    await copyPostgres(of.target.address, file, {
      look: () => Promise.resolve(),
      permit: permitAll,
      ...(isFull ? {} : { withRows: isTrackingTable(of) }),
      signal: context.signal,
      onProgress: onProgressOf(of, context, 'dry-run'),
    });
    await fillWith(file, made, context);
  } finally {
    await rm(file, { force: true });
  }
}

async function fillWith(file: string, { address }: Made, { signal }: RunContext): Promise<void> {
  await using dump = await openDump(file);
  await using session = await openTableSession(address, { signal });
  await fill(session, dump, { scope: 'session', rights: 'left-out' });
}
