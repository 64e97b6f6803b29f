import type { Engine } from '../engines/engine.ts';
import { partsOf } from '../schema/parts.ts';
import { touchedBy } from '../operations/diagnosis.ts';
import type { HalfRun } from '../operations/ways/half-run.ts';
import { openRebuilds } from '../operations/ways/open-rebuilds.ts';
import type { Backups, KeptBackup } from '../operations/ways/restore.ts';
import { listBackups, type BackedUpDatabase, type Manifest } from '../runs/backups.ts';
import { countRows } from '../runs/measure.ts';
import type { Snapshot } from '../runs/snapshot.ts';
import { fingerprint } from '../schema/fingerprint.ts';
import { readSchema } from '../schema/read.ts';
import { foldName } from '../sql/cursor.ts';
import type { Workspace } from './workspace.ts';

/**
 * The newest whole backup of an environment that has a database as it was before it was half-finished, with what came
 * since. One that was taken in the middle, as every attempt to recover takes one, leads back into the middle.
 */
export async function backupsToRestore(
  { places }: Workspace,
  environment: string,
  { name, table }: { readonly name: string; readonly table: string },
  {
    engine,
    snapshot,
    half,
  }: { readonly engine: Engine; readonly snapshot: Snapshot; readonly half: HalfRun | undefined },
): Promise<Backups> {
  const kept = (await listBackups(places.backups)).flatMap((manifest) => {
    const held = manifest.databases.find(({ database }) => database === name);
    return manifest.environment === environment && manifest.partial === undefined && held
      ? [{ manifest, held }]
      : [];
  });
  if (kept.length === 0) return { kind: 'none', why: 'none-kept' };
  const now = fingerprint(await readSchema(engine.query, { bookkeeping: [snapshot.bookkeeping.table] }));
  const found = kept.find(({ held }) => held.fingerprint !== now && isFromBefore(held, half));
  if (!found) return { kind: 'none', why: 'half-finished' };
  return { kind: 'kept', backup: await sinceThen(found, { engine, snapshot, half, table }) };
}

/** Its tables tell, of those that the migration makes or drops. */
function isFromBefore({ tables }: BackedUpDatabase, half: HalfRun | undefined): boolean {
  const [before] = half?.points ?? [];
  if (!half || !before) return true;
  const made = [...touchedBy(half.points.map(partsOf))].filter((key) => key.startsWith('table '));
  const then = new Set(tables.map((each) => `table ${foldName(each.table)}`));
  return made.every((key) => then.has(key) === partsOf(before).has(key));
}

async function sinceThen(
  { manifest, held }: { readonly manifest: Manifest; readonly held: BackedUpDatabase },
  {
    engine,
    snapshot,
    half,
    table,
  }: {
    readonly engine: Engine;
    readonly snapshot: Snapshot;
    readonly half: HalfRun | undefined;
    readonly table: string;
  },
): Promise<KeptBackup> {
  const then = new Map(held.tables.map((each) => [foldName(each.table), each.rows]));
  const counted = await countRows(engine.query, { leaveOut: [table] });
  const now = half ? asBefore(counted, half) : counted;
  return {
    id: manifest.id,
    takenAt: manifest.takenAt,
    rows: then,
    added: now.flatMap((each) => {
      const more = each.rows - (then.get(foldName(each.table)) ?? 0);
      return more > 0 ? [{ table: each.table, rows: more }] : [];
    }),
    recorded: snapshot.entries.length - held.tags.length,
    kept: held.kind === 'copy' ? 'copy' : 'server',
  };
}

type Counted = Awaited<ReturnType<typeof countRows>>;

/** Rows that are in a rebuild's other table count as the table's; what else the migration made is no loss. */
function asBefore(counted: Counted, half: HalfRun): Counted {
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
