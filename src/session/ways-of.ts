import type { Engine } from '../engines/engine.ts';
import type { Diagnosed } from '../operations/diagnosis.ts';
import { factsToAsk } from '../operations/ways/facts.ts';
import { halfRunOf } from '../operations/ways/half-run.ts';
import type { WaysInput } from '../operations/ways/input.ts';
import { waysOutOf } from '../operations/ways/open-ways.ts';
import { shownWays, type WaysOut } from '../operations/ways/shown-ways.ts';
import type { Environment } from '../project/project.ts';
import { askFacts } from '../runs/ask-facts.ts';
import { disprovenWays, type Proof } from '../runs/prove-way.ts';
import type { Migration } from '../migrations/migration.ts';
import { readSchema } from '../schema/read.ts';
import { backupsToRestore } from './backups-to-restore.ts';
import type { DiagnosedOptions } from './diagnosed.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

/**
 * The ways out of each unfinished migration of one target, by tag: what its rows say is asked, and what would be run is
 * tried out in a scratch database first. The target is only read.
 */
export async function waysOutIn(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  options: DiagnosedOptions,
  diagnosed: ReadonlyMap<string, Diagnosed>,
): Promise<ReadonlyMap<string, WaysOut>> {
  if (diagnosed.size === 0) return new Map();
  const { migrations } = await workspace.folderOf(target.database);
  const found = new Map<string, WaysOut>();
  for (const migration of migrations) {
    const one = diagnosed.get(migration.tag);
    if (!one) continue;
    const input = await inputOf(workspace, { environment, target, options, migration, diagnosed: one });
    found.set(migration.tag, shownWays(input, await disprovenIn(input, target, options)));
  }
  return found;
}

async function inputOf(
  workspace: Workspace,
  {
    environment,
    target,
    options: { engine, snapshot, signal },
    migration,
    diagnosed,
  }: {
    readonly environment: Environment;
    readonly target: TargetDatabase;
    readonly options: DiagnosedOptions;
    readonly migration: Migration;
    readonly diagnosed: Diagnosed;
  },
): Promise<WaysInput> {
  const half = halfRunOf(migration, diagnosed);
  const item = snapshot.history.items.find(
    (each) => (each.kind === 'applied' || each.kind === 'changed') && each.migration.tag === migration.tag,
  );
  signal.throwIfAborted();
  return {
    environment: environment.name,
    migration,
    diagnosed,
    half,
    facts: half ? await askFacts(engine.query, factsToAsk(half)) : noFacts,
    backups: await backupsToRestore(workspace, environment.name, target.database, { engine, snapshot, half }),
    bookkeeping: snapshot.bookkeeping,
    entries: snapshot.entries,
    entry: item && 'entry' in item ? item.entry : undefined,
    foreignKeys: engine.foreignKeys,
    now: new Date(),
  };
}

const noFacts = { rows: new Map(), filled: new Map(), lost: new Map() };

async function disprovenIn(
  input: WaysInput,
  { target }: TargetDatabase,
  { engine, snapshot, signal }: Pick<DiagnosedOptions, 'snapshot' | 'signal'> & { readonly engine: Engine },
): Promise<ReadonlyMap<string, string>> {
  const { half } = input;
  const proofs = new Map<string, Proof>(
    waysOutOf(input).flatMap((option) =>
      option.kind === 'open' && option.proof ? [[option.id, option.proof] as const] : [],
    ),
  );
  if (!half || proofs.size === 0) return new Map();
  const bookkeeping = snapshot.bookkeeping.table;
  const now = await readSchema(engine.query, { bookkeeping: [bookkeeping] });
  return disprovenWays({
    from: [now],
    points: half.points,
    proofs,
    like: target.address.kind,
    bookkeeping,
    signal,
  });
}
