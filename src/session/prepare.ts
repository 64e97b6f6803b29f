import type { Bookkeeping } from '../bookkeeping/bookkeeping.ts';
import type { Engine } from '../engines/engine.ts';
import { MigrateError } from '../lib/errors.ts';
import type { Migration } from '../migrations/migration.ts';
import type { Selection } from '../operations/change.ts';
import type { Finding } from '../operations/reports.ts';
import { tagOf } from '../operations/history.ts';
import { selectIn } from '../operations/selection-in.ts';
import type { Selected } from '../operations/selection.ts';
import type { Environment } from '../project/project.ts';
import { runRules } from '../rules/run-rules.ts';
import { readForeignKeys } from '../schema/foreign-keys.ts';
import { readSchema } from '../schema/read.ts';
import type { ForeignKey, Schema } from '../schema/schema.ts';
import type { RunDatabase } from '../runs/context.ts';
import { isDead, describeLease } from '../runs/lock.ts';
import { readSnapshot, type Snapshot } from '../runs/snapshot.ts';
import { skipsOf, waitingFor } from './promotion.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

/** One database of a change, opened, read and with its pending migrations chosen. */
export interface Prepared {
  readonly run: RunDatabase;
  readonly selected: readonly Migration[];
  readonly waiting: readonly { readonly tag: string; readonly why: string }[];
  readonly findings: readonly Finding[];
  /** Of the target as it is now. */
  readonly foreignKeys: readonly ForeignKey[];
  readonly schema: Schema;
  readonly warnings: readonly string[];
}

export interface PrepareOptions {
  readonly selection: Selection;
  readonly signal: AbortSignal;
  /** A question opens the targets read-only. */
  readonly purpose: 'question' | 'change';
}

/**
 * Opens and reads every database of an environment; what it opened is disposed by the run.
 *
 * @throws MigrateError `refused`, `locked`, `not-found`… before anything was changed
 */
export async function prepare(
  workspace: Workspace,
  environment: Environment,
  { selection, signal, purpose }: PrepareOptions,
): Promise<readonly Prepared[]> {
  const read: Read[] = [];
  try {
    for (const target of workspace.targetsOf(environment, selection.databases)) {
      read.push(await readTarget(workspace, environment, target, { signal, purpose }));
    }
    const choices = selectIn(
      read.map(({ run, snapshot }) => ({ database: run.database.name, history: snapshot.history })),
      selection,
    );
    const prepared: Prepared[] = [];
    for (const one of read) {
      const choice = choices.find(({ database }) => database === one.run.database.name);
      if (choice) prepared.push(await choose(workspace, environment, one, { choice, selection }));
    }
    return prepared;
  } catch (error) {
    await dispose(read);
    throw error;
  }
}

export async function dispose(prepared: readonly { readonly run: RunDatabase }[]): Promise<void> {
  for (const { run } of prepared) await run.engine?.[Symbol.asyncDispose]();
}

interface Read {
  readonly run: RunDatabase;
  readonly snapshot: Snapshot;
}

async function readTarget(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  { signal, purpose }: Pick<PrepareOptions, 'signal' | 'purpose'>,
): Promise<Read> {
  const { migrations } = await workspace.folderOf(database);
  const bookkeeping = await workspace.bookkeepingOf(database);
  const engine = await workspace.open(target, environment, { purpose, ifMissing: 'refuse', signal });
  try {
    const snapshot = await readSnapshot(engine, { migrations, bookkeeping });
    refuseHalf(snapshot, environment.name);
    if (purpose === 'change') refuseHeldLock(snapshot);
    const run: RunDatabase = {
      ...emptyRun({ workspace, environment, database, target, migrations, engine, signal, bookkeeping }),
      bookkeeping: snapshot.bookkeeping,
      entries: snapshot.entries,
    };
    return { run, snapshot };
  } catch (error) {
    await engine?.[Symbol.asyncDispose]();
    throw error;
  }
}

async function choose(
  workspace: Workspace,
  environment: Environment,
  { run, snapshot }: Read,
  { choice, selection }: { readonly choice: Selected; readonly selection: Selection },
): Promise<Prepared> {
  if (choice.refusal) throw choice.refusal;
  const held = await waitingFor(workspace, environment, run.database, run.migrations);
  const { selected, waiting } = withoutHeld(choice, held);
  const ground = await readGround(run);
  const chosen = { ...run, selected };
  return {
    run: chosen,
    selected,
    waiting,
    ...ground,
    findings: findingsOf(chosen, ground),
    warnings: [
      ...warningsOf(snapshot, selection),
      ...(await skipsOf(workspace, environment, run.database, selected)),
    ],
  };
}

/** A database before anything of a run happened to it. */
export function emptyRun({
  workspace,
  environment,
  database,
  target,
  migrations,
  engine,
  signal,
  bookkeeping,
}: TargetDatabase & {
  readonly workspace: Workspace;
  readonly environment: Environment;
  readonly migrations: readonly Migration[];
  readonly engine: Engine | undefined;
  readonly signal: AbortSignal;
  readonly bookkeeping: Bookkeeping;
}): RunDatabase {
  return {
    database,
    target,
    migrations,
    selected: [],
    async open({ ifMissing }) {
      this.engine ??= await workspace.open(target, environment, { purpose: 'change', ifMissing, signal });
      if (!this.engine) throw new Error(`${database.name} was not created.`);
      return this.engine;
    },
    engine,
    bookkeeping,
    entries: [],
    backup: undefined,
    lock: undefined,
    scratch: undefined,
    evidence: undefined,
    invariantsBefore: new Map(),
    stampAtLock: undefined,
    rowsBefore: new Map(),
  };
}

/** What the promotion order holds back; order holds: what comes after one that waits, waits too. */
function withoutHeld(
  { selected, waiting }: Selected,
  held: ReadonlyMap<string, string>,
): Pick<Selected, 'selected' | 'waiting'> {
  const firstHeld = selected.findIndex(({ tag }) => held.has(tag));
  if (firstHeld === -1) return { selected, waiting };
  const back = selected
    .slice(firstHeld)
    .map(({ tag }) => ({ tag, why: held.get(tag) ?? 'an earlier one waits' }));
  return { selected: selected.slice(0, firstHeld), waiting: [...back, ...waiting] };
}

/** The target's schema and foreign keys before anything runs; a database that does not exist has none. */
export async function readGround({
  engine,
  database,
}: RunDatabase): Promise<Pick<Prepared, 'foreignKeys' | 'schema'>> {
  if (!engine) return { foreignKeys: [], schema: { objects: [] } };
  return {
    foreignKeys: await readForeignKeys(engine.query),
    schema: await readSchema(engine.query, { bookkeeping: [database.table] }),
  };
}

export function findingsOf(
  { selected, database, target }: RunDatabase,
  ground: Pick<Prepared, 'foreignKeys' | 'schema'>,
): readonly Finding[] {
  return runRules({
    database: database.name,
    migrations: selected,
    ...ground,
    engine: target.address.kind === 'libsql-remote' ? 'libsql-remote' : 'libsql-file',
  });
}

function refuseHalf({ history }: Snapshot, environment: string): void {
  for (const item of history.items) {
    if (item.kind !== 'half') continue;
    throw new MigrateError(
      'refused',
      `${environment} is half-finished: ${item.migration.tag} stopped after statement ${item.after} of ${item.of}. Nothing was changed.`,
      {
        next: `Bring it to a clean point first: finish or undo its statements, or migrate-tui backups ${environment} lists what can be restored.`,
      },
    );
  }
}

export function refuseHeldLock({ lease }: Snapshot): void {
  if (lease?.state !== 'live' || isDead(lease)) return;
  throw new MigrateError('locked', `${describeLease(lease, Date.now())}. Nothing was changed.`, {
    next: 'Wait for it to end; a lock without a sign of life for 60 s is taken over by the next run.',
  });
}

function warningsOf({ history }: Snapshot, { order }: Selection): readonly string[] {
  const tags = (kind: 'skipped' | 'changed' | 'orphan' | 'unrecorded') =>
    history.items.flatMap((item) => (item.kind === kind ? [tagOf(item)] : []));
  const skipped = order === 'in-order' ? tags('skipped') : [];
  return [
    ...skipped.map(
      (tag) =>
        `${tag} would silently never run (its journal time lies below the newest applied one); --out-of-order runs it.`,
    ),
    ...tags('changed').map((tag) => `${tag} was edited after it was applied here; the edit is not run.`),
    ...tags('orphan').map((tag) => `The record ${tag} has no file.`),
    ...tags('unrecorded').map(
      (tag) =>
        `The schema is as if ${tag} had run, but there is no record; running it again is likely to fail.`,
    ),
  ];
}
