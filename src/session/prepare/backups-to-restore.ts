import type { Engine } from '../../engines/engine.ts';
import { touchedBy } from '../../operations/diagnosis/diagnosis.ts';
import type { HalfRun } from '../../operations/ways/half-run.ts';
import { openRebuilds } from '../../operations/ways/open-rebuilds.ts';
import type { Backups, KeptBackup, ServerHistory } from '../../operations/ways/restore.ts';
import type { BackedUpDatabase, Manifest } from '../../runs/backups/manifest.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { countRows } from '../../runs/measure/measure.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { partsOf } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Workspace } from '../workspace.ts';

/** The whole backups of one database of an environment, newest first, and what it is now. */
export interface KeptBackups {
  readonly kept: readonly { readonly manifest: Manifest; readonly held: BackedUpDatabase }[];
  /** The schema of now. */
  readonly now: Schema;
  /** The rows of now; none where there is no backup to compare them with. */
  readonly counted: Awaited<ReturnType<typeof countRows>>;
  /** Records of now. */
  readonly recorded: number;
}

export async function readKeptBackups(
  { places }: Workspace,
  environment: string,
  { name, table }: { readonly name: string; readonly table: string },
  { engine, now, recorded }: { readonly engine: Engine; readonly now: Schema; readonly recorded: number },
): Promise<KeptBackups> {
  const kept = (await listBackups(places.backups)).flatMap((manifest) => {
    const held = manifest.databases.find(({ database }) => database === name);
    return manifest.environment === environment && manifest.partial === undefined && held
      ? [{ manifest, held }]
      : [];
  });
  const counted = kept.length === 0 ? [] : await countRows(engine.query, { leaveOut: [table] });
  return { kept, now, counted, recorded };
}

/**
 * The newest backup that has the database as it was before a migration was half-finished, with what came since. One
 * that was taken in the middle, as every attempt to recover takes one, leads back into the middle.
 */
export function backupBefore(
  { kept, now, counted, recorded }: KeptBackups,
  half: HalfRun | undefined,
  history: ServerHistory | undefined,
): Backups {
  const beside = history && { history };
  if (kept.length === 0) return { kind: 'none', why: 'none-kept', ...beside };
  const present = fingerprint(now);
  const found = kept.find(({ held }) => held.fingerprint !== present && isFromBefore(held, half));
  if (!found) return { kind: 'none', why: 'half-finished', ...beside };
  const { manifest, held } = found;
  const then = new Map(held.tables.map((each) => [foldName(each.table), each.rows]));
  const backup: KeptBackup = {
    id: manifest.id,
    takenAt: manifest.takenAt,
    rows: then,
    added: (half ? asBefore(counted, half) : counted).flatMap(({ table, rows }) => {
      const more = rows - (then.get(foldName(table)) ?? 0);
      return more > 0 ? [{ table, rows: more }] : [];
    }),
    recorded: recorded - held.tags.length,
    kept: held.kind === 'copy' ? 'copy' : 'server',
  };
  return { kind: 'kept', backup };
}

/** Its tables tell, of those that the migration makes or drops. */
function isFromBefore({ tables }: BackedUpDatabase, half: HalfRun | undefined): boolean {
  const [before] = half?.points ?? [];
  if (!half || !before) return true;
  const made = [...touchedBy(half.points.map(partsOf))].filter((key) => key.startsWith('table '));
  const then = new Set(tables.map((each) => `table ${foldName(each.table)}`));
  return made.every((key) => then.has(key) === partsOf(before).has(key));
}

/** Rows that are in a rebuild's other table count as the table's; what else the migration made is no loss. */
function asBefore(counted: KeptBackups['counted'], half: HalfRun): KeptBackups['counted'] {
  const moved = new Map(
    openRebuilds(half)
      .filter(({ phase }) => phase === 'renaming')
      .map(({ table, via }) => [foldName(via), table]),
  );
  const before = partsOf(half.points[0] ?? { objects: [] });
  const touched = touchedBy(half.points.map(partsOf));
  return counted.flatMap(({ table, rows }) => {
    const as = moved.get(foldName(table)) ?? table;
    const key = `table ${foldName(as)}`;
    return touched.has(key) && !before.has(key) ? [] : [{ table: as, rows }];
  });
}
