import { lostRecords } from '../operations/folder-fit.ts';
import type { SituationFacts } from '../operations/recovery.ts';
import type { CommittedText } from '../operations/situations/changed.ts';
import type { Environment } from '../project/project.ts';
import { committedText } from '../runs/committed-text.ts';
import { replayFolder } from '../runs/folder-replay.ts';
import { isDead } from '../runs/lock.ts';
import { readRebuildTables } from '../runs/rebuild-tables.ts';
import type { Snapshot } from '../runs/snapshot.ts';
import { readSchema } from '../schema/read.ts';
import type { DiagnosedOptions } from './diagnosed.ts';
import { knownHashes, readKnowledge } from './knowledge.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

/** What the known situations are told by, as far as this target gives reason to look. The target is only read. */
export async function situationFacts(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  options: DiagnosedOptions,
): Promise<SituationFacts> {
  const folder = await folderFacts(workspace, target, options);
  const lock = leftLock(options.snapshot);
  return {
    rebuildTables: await readRebuildTables(options.engine),
    committed: await committedTexts(workspace, environment, target, options),
    ...(folder && { folder }),
    ...(lock && { lock }),
  };
}

async function folderFacts(
  workspace: Workspace,
  { database, target }: TargetDatabase,
  { engine, snapshot, signal }: DiagnosedOptions,
): Promise<SituationFacts['folder']> {
  if (lostRecords(snapshot.history).length === 0) return undefined;
  const { migrations } = await workspace.folderOf(database);
  const bookkeeping = snapshot.bookkeeping.table;
  return replayFolder({
    migrations,
    target: await readSchema(engine.query, { bookkeeping: [bookkeeping] }),
    like: target.address.kind,
    bookkeeping,
    signal,
  });
}

function leftLock({ lease }: Snapshot): SituationFacts['lock'] {
  if (lease?.run === undefined) return undefined;
  const dead = isDead(lease);
  if (lease.state === 'live' && !dead) return undefined;
  const { run, by, host, tag, backup, since } = lease;
  return {
    run: run.split('.')[0] ?? run,
    by,
    host,
    tag,
    backup,
    since: new Date(since).toISOString(),
    how: dead ? 'dead' : 'expired',
  };
}

async function committedTexts(
  workspace: Workspace,
  environment: Environment,
  { database }: TargetDatabase,
  { snapshot, signal }: DiagnosedOptions,
): Promise<ReadonlyMap<string, CommittedText>> {
  const edited = snapshot.history.items.filter((item) => item.kind === 'changed');
  if (edited.length === 0) return new Map();
  const known = knownHashes(await readKnowledge(workspace), {
    environment: environment.name,
    database: database.name,
  });
  const found = new Map<string, CommittedText>();
  for (const { migration, entry } of edited) {
    const hash = entry.hash === '' ? known.get(migration.tag) : entry.hash;
    const text = hash === undefined ? undefined : await committedText(migration, hash, signal);
    if (text) found.set(migration.tag, text);
  }
  return found;
}
