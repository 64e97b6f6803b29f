import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { BackupsReport, BackupSummary, UnreadableBackup } from '../../operations/reports.ts';
import { filesOf, type Manifest } from '../../runs/backups/manifest.ts';
import { summaryOf } from '../../runs/backups/summary.ts';
import { listBackups, listUnreadable } from '../../runs/backups/backups.ts';
import type { Workspace } from '../workspace.ts';

/** All backups of this project, or of one environment, newest first; each is read back against its checksum. */
export async function answerBackups(
  workspace: Workspace,
  environment: string | undefined,
): Promise<BackupsReport> {
  if (environment !== undefined) workspace.environment(environment);
  const folder = workspace.places.backups;
  const all = (await listBackups(folder)).filter(
    (manifest) => environment === undefined || manifest.environment === environment,
  );
  const backups: BackupSummary[] = [];
  for (const manifest of all) {
    const summary = summaryOf(folder, manifest, workspace.project.backups);
    backups.push((await isWhole(folder, manifest)) ? summary : { ...summary, proof: 'damaged' });
  }
  const unreadable = await unreadableIn(folder);
  return {
    schemaVersion: 1,
    kind: 'backups',
    backups,
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

async function unreadableIn(folder: string): Promise<readonly UnreadableBackup[]> {
  const sets = await listUnreadable(folder);
  return sets.map(({ id, error: { message, next } }) => ({
    id,
    says: message,
    ...(next === undefined ? {} : { next }),
  }));
}

async function isWhole(folder: string, { id, databases }: Manifest): Promise<boolean> {
  for (const { file, sha256 } of databases.flatMap(filesOf)) {
    if ((await checksum(join(folder, id, file))) !== sha256) return false;
  }
  return true;
}

/** Undefined when the file cannot be read: it is damaged all the same. */
async function checksum(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
