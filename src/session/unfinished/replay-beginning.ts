import type { Bookkeeping } from '../../bookkeeping/bookkeeping.ts';
import { SqlError } from '../../engines/engine.ts';
import { openSqliteReader } from '../../engines/sqlite-reader.ts';
import { MigrateError } from '../../lib/errors.ts';
import { moment } from '../../lib/time.ts';
import type { Migration } from '../../migrations/migration.ts';
import { isFromBefore } from '../../operations/diagnosis/before-it-began.ts';
import { liveNamesIn } from '../../operations/diagnosis/traces-of.ts';
import type { KeptFile, Manifest } from '../../runs/backups/manifest.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import type { Beginning } from '../../runs/diagnosis/search.ts';
import { openBackup } from '../../runs/backups/open-backup.ts';
import { readSnapshot } from '../../runs/snapshot.ts';
import { partsOf } from '../../schema/parts.ts';
import { readSchema } from '../../schema/read.ts';
import type { Workspace } from '../workspace.ts';

/** A backup whose schema a replay can begin with. */
export interface BackupBeginning {
  readonly beginning: Beginning;
  /** For the evidence: one sentence. */
  readonly says: string;
}

export interface BeginningInput {
  readonly environment: string;
  readonly database: string;
  /** The folder, in the order of running. */
  readonly migrations: readonly Migration[];
  readonly recorded: ReadonlySet<string>;
  readonly bookkeeping: Bookkeeping;
  /** The run that began what is unfinished, and when; ISO 8601. */
  readonly attempt?: { readonly run: number; readonly at: string } | undefined;
}

/**
 * The backup that a history is replayed from when it does not replay from nothing: the one that the run itself took, or
 * the newest that is from before it, and in which nothing of what is unfinished is there yet. Backups are only read.
 */
export async function beginningIn(
  workspace: Workspace,
  input: BeginningInput,
): Promise<BackupBeginning | undefined> {
  for (const manifest of inOrder(await listBackups(workspace.places.backups), input)) {
    const file = fileIn(manifest, input.database);
    const beginning = file && (await usable(workspace, { id: manifest.id, file }, input));
    if (!beginning) continue;
    const taken = moment(manifest.takenAt, { year: 'with' });
    return {
      beginning,
      says: `It is told from a replay that begins with backup ${manifest.id} of ${taken}: one from an empty database tells nothing.`,
    };
  }
  return undefined;
}

function inOrder(
  manifests: readonly Manifest[],
  { environment, attempt }: BeginningInput,
): readonly Manifest[] {
  const whole = manifests.filter(
    (manifest) => manifest.environment === environment && manifest.partial === undefined,
  );
  if (!attempt) return whole;
  const own = whole.filter(({ run }) => run === attempt.run);
  const earlier = whole.filter(({ run, takenAt }) => run !== attempt.run && takenAt < attempt.at);
  return [...own, ...earlier];
}

/** Of what only the server keeps there is nothing to read here, unless it was written out as well. */
function fileIn({ databases }: Manifest, database: string): KeptFile | undefined {
  const kept = databases.find((one) => one.database === database);
  return kept?.kind === 'copy' ? kept : kept?.archive?.loaded;
}

/** A backup that is damaged or gone is passed over: it is not what was asked about, and an older one may do. */
async function usable(
  workspace: Workspace,
  of: Parameters<typeof openBackup>[1],
  input: BeginningInput,
): Promise<Beginning | undefined> {
  try {
    await using kept = await openBackup(workspace, of);
    return await readBeginning(kept.path, input);
  } catch (error) {
    if (error instanceof MigrateError || error instanceof SqlError) return undefined;
    throw error;
  }
}

async function readBeginning(
  path: string,
  { migrations, recorded, bookkeeping }: BeginningInput,
): Promise<Beginning | undefined> {
  await using reader = await openSqliteReader({ path, busyTimeout: 5000 });
  const { history } = await readSnapshot(reader, { migrations, bookkeeping });
  const has = new Set(
    history.items.flatMap((item) =>
      item.kind === 'applied' || item.kind === 'changed' ? [item.migration.tag] : [],
    ),
  );
  const schema = await readSchema(reader.query, { bookkeeping: [bookkeeping.table] });
  const isEarlier = [...has].every((tag) => recorded.has(tag));
  const open = migrations.filter(({ tag }) => !recorded.has(tag));
  return isEarlier && isFromBefore(open, liveNamesIn(partsOf(schema))) ? { schema, has } : undefined;
}
