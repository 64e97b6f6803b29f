import { lostRecords } from '../../operations/history/folder-fit.ts';
import type { SituationFacts } from '../../operations/recovery.ts';
import type { WhatRan } from '../../operations/situations/changed.ts';
import type { Environment } from '../../project/project.ts';
import { committedText } from '../../runs/committed-text.ts';
import { replayFolder } from '../../runs/replay/folder-replay.ts';
import { isDead } from '../../runs/lock/lock.ts';
import { readRebuildTables } from '../../runs/replay/rebuild-tables.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { readSchema } from '../../schema/read.ts';
import type { DiagnosedOptions } from './diagnosed.ts';
import { withoutFileIn } from './half-without-file.ts';
import { knownHashes, knowledgeAtHand, unitOf } from '../knowledge.ts';
import type { KnownUnit } from '../known-rows.ts';
import { takenBackFacts } from './taken-back.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** What the known situations are told by, as far as this target gives reason to look. The target is only read. */
export async function situationFacts(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  options: DiagnosedOptions,
): Promise<SituationFacts> {
  const folder = await folderFacts(workspace, target, options);
  const lock = leftLock(options.snapshot);
  const withoutFile = await withoutFileIn(options);
  const takenBack = await takenBackFacts(options);
  return {
    rebuildTables: await readRebuildTables(options.engine),
    whatRan: await textsThatRan(workspace, environment, target, options),
    ...(folder && { folder }),
    ...(lock && { lock }),
    ...(withoutFile.length > 0 && { withoutFile }),
    ...(takenBack.length > 0 && { takenBack }),
  };
}

async function folderFacts(
  workspace: Workspace,
  { database, target }: TargetDatabase,
  { engine, snapshot, signal }: DiagnosedOptions,
): Promise<SituationFacts['folder']> {
  const { history } = snapshot;
  if (lostRecords(history).length === 0 && !history.withoutFile) return undefined;
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

async function textsThatRan(
  workspace: Workspace,
  environment: Environment,
  { database }: TargetDatabase,
  { snapshot, signal }: DiagnosedOptions,
): Promise<ReadonlyMap<string, WhatRan>> {
  const edited = snapshot.history.items.filter((item) => item.kind === 'changed');
  if (edited.length === 0) return new Map();
  const place = { environment: environment.name, database: database.name };
  const knowledge = await knowledgeAtHand(workspace);
  const known = knownHashes(knowledge, place);
  const found = new Map<string, WhatRan>();
  for (const { migration, entry } of edited) {
    const hash = entry.hash === '' ? known.get(migration.tag) : entry.hash;
    if (hash === undefined) continue;
    const unit = unitOf(knowledge, { ...place, tag: migration.tag });
    const ran =
      (await committedText(migration, hash, signal)) ?? (unit?.hash === hash ? keptBy(unit) : undefined);
    if (ran) found.set(migration.tag, ran);
  }
  return found;
}

function keptBy({ run, statementHashes }: KnownUnit): WhatRan | undefined {
  return statementHashes && { kind: 'run', run, statementHashes };
}
