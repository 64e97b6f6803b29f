import { join } from 'node:path';
import type { BackupSummary } from '../../operations/reports.ts';
import type { BackupKey } from '../../project/backup-keys.ts';
import { isKeyHere } from './keys.ts';
import { filesOf, isArchived, sizeOf, type Archive, type Manifest } from './manifest.ts';

/** What is told of a backup. */
export function summaryOf(
  folder: string,
  manifest: Manifest,
  { keepDays, keys }: { readonly keepDays: number; readonly keys: readonly BackupKey[] },
): BackupSummary {
  return {
    id: manifest.id,
    environment: manifest.environment,
    takenAt: manifest.takenAt,
    size: sizeOf(manifest),
    path: join(folder, manifest.id),
    databases: manifest.databases.map((one) => ({
      database: one.database,
      location: one.location,
      tags: one.tags,
      tables: one.tables.length,
      rows: one.tables.reduce((sum, { rows }) => sum + rows, 0),
      fingerprint: one.fingerprint,
      ...(one.kind === 'copy'
        ? { sha256: one.sha256 }
        : { position: one.position, retention: one.retention }),
      ...(one.archive && { archive: archiveSummary(join(folder, manifest.id), one.archive) }),
    })),
    ...(manifest.partial === undefined ? {} : { partial: manifest.partial }),
    ...encryptedIn(manifest, keys),
    proof: proofOf(manifest),
    keptUntil: isArchived(manifest)
      ? undefined
      : new Date(Date.parse(manifest.takenAt) + keepDays * 86_400_000).toISOString(),
  };
}

/** All files of a set are written with one key. */
function encryptedIn({ databases }: Manifest, keys: readonly BackupKey[]): Pick<BackupSummary, 'encrypted'> {
  const encrypted = databases.flatMap(filesOf).find((file) => file.encrypted)?.encrypted;
  if (encrypted === undefined) return {};
  return { encrypted: { ...encrypted, is: isKeyHere(keys, { encrypted }) ? 'here' : 'not-here' } };
}

function archiveSummary(
  set: string,
  { loadsInto, moment, sql, loaded }: Archive,
): NonNullable<BackupSummary['databases'][number]['archive']> {
  return {
    sql: join(set, sql.file),
    loaded: join(set, loaded.file),
    bytes: sql.bytes + loaded.bytes,
    loadsInto,
    moment,
  };
}

function proofOf({ databases, provenAt }: Manifest): BackupSummary['proof'] {
  if (databases.every(({ kind }) => kind === 'position')) return 'kept-by-server';
  return provenAt === undefined ? 'read-back' : 'proven';
}
