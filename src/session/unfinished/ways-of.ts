import type { Migration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';
import type { Diagnosed } from '../../operations/diagnosis/diagnosis.ts';
import type { History } from '../../operations/history/history.ts';
import { leftInvalid } from '../../operations/diagnosis/left-invalid.ts';
import { isByNumber } from '../../operations/history/passed-by.ts';
import { factsToAsk } from '../../operations/ways/facts.ts';
import { halfRunOf } from '../../operations/ways/half-run.ts';
import type { ServerHistory } from '../../operations/ways/restore.ts';
import type { WaysInput } from '../../operations/ways/input.ts';
import { waysOutOf } from '../../operations/ways/open-ways.ts';
import { shownWays, type WaysOut } from '../../operations/ways/shown-ways.ts';
import type { Environment } from '../../project/project.ts';
import { askFacts } from '../../runs/ask-facts.ts';
import { disprovenWays, type Proof } from '../../runs/replay/prove-way.ts';
import { withoutInvalid } from '../../schema/invalid-index.ts';
import { readSchema } from '../../schema/read.ts';
import type { Schema } from '../../schema/schema.ts';
import { backupBefore, readKeptBackups, type KeptBackups } from '../prepare/backups-to-restore.ts';
import type { DiagnosedOptions } from './diagnosed.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/**
 * The ways out of each unfinished migration of one target, by tag: what its rows say is asked, and what would be run is
 * tried out in a scratch database first. The target is only read.
 */
export async function waysOutIn(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  { engine, snapshot, signal }: DiagnosedOptions,
  diagnosed: ReadonlyMap<string, Diagnosed>,
): Promise<ReadonlyMap<string, WaysOut>> {
  if (diagnosed.size === 0) return new Map();
  const { bookkeeping, entries } = snapshot;
  const whole = await readSchema(engine.query, { bookkeeping: [bookkeeping.table] });
  const now = withoutInvalid(whole);
  const recorded = entries.length;
  const backups = await readKeptBackups(workspace, environment.name, database, { engine, now, recorded });
  const ground: Ground = {
    environment: environment.name,
    engine,
    snapshot,
    signal,
    backups,
    whole,
    address: target.address,
  };
  const found = new Map<string, WaysOut>();
  for (const migration of (await workspace.folderOf(database)).migrations) {
    const one = diagnosed.get(migration.tag);
    if (!one) continue;
    signal.throwIfAborted();
    const input = await inputOf(migration, one, ground);
    found.set(migration.tag, shownWays(input, await disprovenIn(input, ground)));
  }
  return found;
}

interface Ground extends Pick<DiagnosedOptions, 'engine' | 'snapshot' | 'signal'> {
  readonly environment: string;
  readonly backups: KeptBackups;
  /** The schema of now with indexes that are not valid. */
  readonly whole: Schema;
  readonly address: TargetDatabase['target']['address'];
}

async function inputOf(
  migration: Migration,
  diagnosed: Diagnosed,
  { environment, engine, snapshot, backups, whole, address }: Ground,
): Promise<WaysInput> {
  const half = halfRunOf(migration, diagnosed);
  const record = snapshot.history.items.find(
    (item) => 'migration' in item && 'entry' in item && item.migration.tag === migration.tag,
  );
  return {
    environment,
    migration,
    diagnosed,
    half,
    invalid: leftInvalid(migration, whole),
    facts: half ? await askFacts(engine.query, factsToAsk(half)) : noFacts,
    backups: backupBefore(backups, half, historyOf(address, engine, begunAt(diagnosed, snapshot))),
    bookkeeping: snapshot.bookkeeping,
    entries: snapshot.entries,
    entry: record && 'entry' in record ? record.entry : undefined,
    passedOver: passedOver(migration, snapshot),
    foreignKeys: engine.foreignKeys,
    now: new Date(),
  };
}

function historyOf(
  address: Ground['address'],
  { rewind }: Ground['engine'],
  begun: string | undefined,
): ServerHistory | undefined {
  if (address.kind !== 'd1-remote' || !rewind) return undefined;
  return { retention: rewind.retention, database: address.name ?? address.database, begun };
}

/** By the ledger, else by the lock that its run left. */
function begunAt({ attempt }: Diagnosed, { lease }: Ground['snapshot']): string | undefined {
  if (attempt) return attempt.at;
  return lease?.run === undefined ? undefined : new Date(lease.since).toISOString();
}

/** What is pending and older, where the newest record's time or the highest number alone tells that. */
function passedOver(migration: Migration, { history }: Ground['snapshot']): readonly string[] {
  const isOlder = olderThan(migration, history.kind);
  return history.items.flatMap((item) =>
    (item.kind === 'pending' || item.kind === 'half') && isOlder(item.migration) ? [item.migration.tag] : [],
  );
}

function olderThan({ tag, when }: Migration, kind: History['kind']): (other: Migration) => boolean {
  if (kind === 'drizzle-0') return (other) => other.when < when;
  if (!isByNumber(kind)) return () => false;
  const number = numberOf(tag) ?? 0n;
  return (other) => (numberOf(other.tag) ?? 0n) < number;
}

const noFacts = { rows: new Map(), filled: new Map(), lost: new Map() };

async function disprovenIn(
  input: WaysInput,
  { snapshot, signal, backups, address }: Ground,
): Promise<ReadonlyMap<string, string>> {
  const proofs = new Map<string, Proof>(
    waysOutOf(input).flatMap((option) =>
      option.kind === 'open' && option.proof ? [[option.id, option.proof] as const] : [],
    ),
  );
  const { half } = input;
  if (!half || proofs.size === 0) return new Map();
  const bookkeeping = snapshot.bookkeeping.table;
  return disprovenWays({
    from: backups.now,
    points: half.points,
    proofs,
    like: address.kind,
    bookkeeping,
    signal,
  });
}
