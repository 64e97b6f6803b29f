import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Database, Environment } from '../../project/project.ts';
import type { RunDatabase } from '../../runs/context.ts';
import { describeLease, isDead } from '../../runs/lock/lock.ts';
import { readSnapshot, type Snapshot } from '../../runs/snapshot.ts';
import { devServerNotice } from '../target/dev-server.ts';
import { knowledgeAtHand, knownHashes, readKnowledge } from '../knowledge.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** A target, open and read: what every change begins with. Who reads it disposes its engine. */
export interface ReadTarget {
  readonly run: RunDatabase;
  readonly snapshot: Snapshot;
  /** What is worth knowing before it is changed, as sentences. */
  readonly notices: readonly string[];
}

export interface ReadTargetOptions {
  readonly signal: AbortSignal;
  /** A question opens it read-only. */
  readonly purpose: 'question' | 'change';
  /** What only reads is not held up by somebody else's lock. */
  readonly whenLocked: 'refuse' | 'go-on';
}

/** @throws MigrateError `unreachable`, `locked`… with nothing left open */
export async function readTarget(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  { signal, purpose, whenLocked }: ReadTargetOptions,
): Promise<ReadTarget> {
  const notices = whenLocked === 'refuse' ? await devServerNotice({ database, target }) : [];
  const { migrations } = await workspace.folderOf(database);
  const bookkeeping = await workspace.bookkeepingOf(database);
  const engine = await workspace.open(target, environment, { purpose, ifMissing: 'refuse', signal });
  try {
    const snapshot = await readSnapshot(engine, {
      migrations,
      bookkeeping,
      knownHashes: await hashesWhereNoneKept(workspace, environment, { database, purpose }),
    });
    if (whenLocked === 'refuse') refuseHeldLock(snapshot);
    const run = notBegun(workspace, environment, { database, target, snapshot, engine, signal });
    return { run, snapshot, notices };
  } catch (error) {
    await engine?.[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a run knows of a target before its first step. */
function notBegun(
  workspace: Workspace,
  environment: Environment,
  { database, target, snapshot, engine, signal }: Opened,
): RunDatabase {
  return {
    database,
    target,
    migrations: snapshot.migrations,
    selected: [],
    file: 'may-change',
    leaves: { kind: 'its-record' },
    async open({ ifMissing }) {
      this.engine ??= await workspace.open(target, environment, { purpose: 'change', ifMissing, signal });
      if (!this.engine) throw new Error(`${database.name} was not created.`);
      return this.engine;
    },
    ...(target.address.kind === 'postgres' && {
      openBeside: () => openBeside(workspace, environment, { database, target }),
    }),
    engine,
    bookkeeping: snapshot.bookkeeping,
    entries: snapshot.entries,
    kit: undefined,
    source: undefined,
    backup: undefined,
    lock: undefined,
    scratch: undefined,
    evidence: undefined,
    rehearsedSchema: undefined,
    invariantsBefore: new Map(),
    stampAtLock: undefined,
    rowsBefore: new Map(),
  };
}

interface Opened extends TargetDatabase {
  readonly snapshot: Snapshot;
  readonly engine: RunDatabase['engine'];
  readonly signal: AbortSignal;
}

/** Without the run's signal: the lock is held until it is given back. */
async function openBeside(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
): Promise<Engine> {
  const beside = await workspace.open(target, environment, { purpose: 'change', ifMissing: 'refuse' });
  if (!beside) throw new Error(`${database.name} is on a server, which has it or refuses.`);
  return beside;
}

/** Whether the lock's row still names a run; a live one was refused before. */
export function lockIn({ lease }: Snapshot): 'free' | 'left' {
  return lease?.run === undefined ? 'free' : 'left';
}

/** @throws MigrateError `locked`: a run is at work */
export function refuseHeldLock({ lease }: Snapshot): void {
  if (lease?.state !== 'live' || isDead(lease)) return;
  throw new MigrateError('locked', `${describeLease(lease, Date.now())}. Nothing was changed.`, {
    next: 'Wait for it to end; a lock without a sign of life for 60 s is taken over by the next run.',
  });
}

/** Only where the tracking table keeps no hash is the ledger read for them. */
async function hashesWhereNoneKept(
  workspace: Workspace,
  { name }: Environment,
  { database, purpose }: { readonly database: Database } & Pick<ReadTargetOptions, 'purpose'>,
): Promise<ReadonlyMap<string, string>> {
  if (database.bookkeeping === 'drizzle') return new Map();
  const read = purpose === 'question' ? knowledgeAtHand : readKnowledge;
  return knownHashes(await read(workspace), { environment: name, database: database.name });
}
