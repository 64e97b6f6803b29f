import type { Engine } from '../../engines/engine.ts';
import { readShape } from '../../engines/shape-of.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Change } from '../../operations/change.ts';
import { copiedTables, copyRules, type CopiedTable } from '../../operations/copied-rows/copied-tables.ts';
import { refuseMisfits, refuseUnknownExcluded } from '../../operations/copied-rows/copy-refusals.ts';
import { halfIn } from '../../operations/diagnosis/half-without-file.ts';
import { tagOf } from '../../operations/history/history.ts';
import { refuseUnknownColumns, withRules } from '../../operations/copied-rows/masks.ts';
import type { CopyStep } from '../../operations/plan/step.ts';
import { selectIn } from '../../operations/history/selection-in.ts';
import { unmaskedCopies } from '../../operations/copied-rows/unmasked-copies.ts';
import type { Environment } from '../../project/project.ts';
import type { RowSource } from '../../runs/context.ts';
import { fileOf } from '../../runs/backups/copies.ts';
import { countRows } from '../../runs/measure/measure.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { readStructure, type Structure } from '../../schema/structure.ts';
import type { Query } from '../../sql/statement.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { sourceOf } from '../prepare/resync.ts';
import { readTarget } from '../prepare/read-target.ts';
import type { Ground } from './ground.ts';

type ResyncChange = Extract<Change, { kind: 'resync' }>;

/** A database of the environment that is copied, as it was read, with the one that takes its place. */
export interface Source {
  readonly prepared: Prepared;
  readonly from: string;
  readonly source: RowSource;
  readonly snapshot: Snapshot;
  readonly tables: readonly CopiedTable[];
  readonly by: CopyStep['by'];
  /** What the source has not run and the destination runs on top. */
  readonly selected: readonly Migration[];
  /** Worth knowing about the source, as sentences. */
  readonly notes: readonly string[];
}

/** @throws MigrateError where a source cannot be read, or rules and tables left out do not fit it; nothing was copied */
export async function readSources(
  change: ResyncChange,
  from: Environment,
  ground: Ground,
): Promise<readonly Source[]> {
  const read: SourceRead[] = [];
  for (const prepared of ground.prepared) read.push(await readSource(prepared, from, ground));
  const structures = read.map(({ structure }) => structure);
  const always = ground.workspace.project.masks;
  const masks = withRules(always, change.masks);
  const named = { source: from.name } as const;
  // With some databases left away, a name may be meant for another one.
  if (change.databases === undefined) {
    refuseUnknownColumns([...always.keys()], structures, { ...named, from: 'masks' });
  }
  refuseUnknownColumns([...(change.masks?.keys() ?? [])], structures, { ...named, from: 'mask' });
  refuseUnknownColumns(change.consent.unmasked ?? [], structures, { ...named, from: 'accept-unmasked' });
  refuseUnknownExcluded(change.exclude, structures, from.name);
  return Promise.all(
    read.map(async (one) => {
      const tables = copiedTables(one.structure, { masks, exclude: change.exclude });
      refuseMisfits(one.structure, tables);
      const { selected, notes } = chosenOf(one, change);
      const by = await wayOf(one, tables);
      return { ...one, selected, tables, by, notes: [...notes, ...unmaskedCopies(one.structure, tables)] };
    }),
  );
}

type SourceRead = Pick<Source, 'prepared' | 'from' | 'source' | 'snapshot'> & {
  readonly structure: Structure;
  readonly pageSize: number;
};

async function readSource(prepared: Prepared, from: Environment, ground: Ground): Promise<SourceRead> {
  const { workspace, context } = ground;
  const { database } = prepared.run;
  const place = { database: database.name, environment: context.environment.name };
  const target = sourceOf(workspace, from.name, place);
  const { run, snapshot } = await readTarget(
    workspace,
    from,
    { database, target },
    {
      signal: context.signal,
      purpose: 'question',
      whenLocked: 'go-on',
    },
  );
  if (!run.engine) throw nothingThere(from.name, database.name, 'does not exist');
  await using engine = run.engine;
  const { query } = engine;
  if (prepared.run.engine) await refuseSameDatabase([engine, prepared.run.engine], place);
  const [structure, shape, rows, pageSize] = await Promise.all([
    readStructure(query, { bookkeeping: run.bookkeeping.table }),
    readShape(query),
    countRows(query, { leaveOut: [run.bookkeeping.table] }),
    fileOf(target.address) === undefined ? 0 : pageSizeOf(query),
  ]);
  if (structure.tables.length === 0) throw nothingThere(from.name, database.name, 'has no table');
  const source = {
    target,
    shape,
    history: snapshot.bookkeeping.digest(snapshot.entries),
    bookkeeping: snapshot.bookkeeping,
    rows: new Map(rows.map((one) => [one.table, one.rows])),
    violations: [],
  };
  return { prepared, from: from.name, source, snapshot, structure, pageSize };
}

/**
 * Two addresses may lead to one database of a server: it cannot take its own place.
 *
 * @throws MigrateError `refused`
 */
async function refuseSameDatabase(
  engines: readonly [Engine, Engine],
  { database, environment }: { readonly database: string; readonly environment: string },
): Promise<void> {
  if (engines.some(({ name }) => name !== 'postgres')) return;
  const [one, other] = await Promise.all(
    engines.map(({ query }) =>
      query({
        sql: `SELECT pg_catalog.pg_postmaster_start_time()::text AS started, oid::int8 AS oid
          FROM pg_catalog.pg_database WHERE datname = current_database()`,
      }),
    ),
  );
  if (JSON.stringify(one) !== JSON.stringify(other)) return;
  throw new MigrateError(
    'refused',
    `${database} of ${environment} and the database that would be copied are one. Nothing was changed.`,
    { next: 'Look at the targets of both environments in the configuration.' },
  );
}

async function pageSizeOf(query: Query): Promise<number> {
  const [row] = await query({ sql: 'PRAGMA page_size' });
  return Number(row?.['page_size'] ?? 0);
}

function nothingThere(from: string, database: string, what: string): MigrateError {
  return new MigrateError(
    'refused',
    `${database} of ${from} ${what}: there is nothing to be copied. Nothing was changed.`,
    {
      next: `migrate-tui status ${from} shows what is there; migrate-tui reset empties an environment.`,
    },
  );
}

/** A half-finished source is copied as it stands; nothing is run on top of what nobody knows. */
function chosenOf(
  { prepared: { run }, from, snapshot: { history } }: SourceRead,
  { environment }: ResyncChange,
): Pick<Source, 'selected' | 'notes'> {
  const database = run.database.name;
  const half = halfIn(history);
  if (half) {
    const says = `${from} is half-finished at ${half}: ${database} is copied as it stands, and nothing is run on top of it.`;
    return { selected: [], notes: [says] };
  }
  const orphans = history.items.flatMap((item) => (item.kind === 'orphan' ? [tagOf(item)] : []));
  const notes =
    orphans.length === 0 ? [] : [`${from} has records without a file here: ${orphans.join(', ')}.`];
  const [chosen] = selectIn([{ database, history }], {
    environment,
    to: undefined,
    only: undefined,
    order: 'in-order',
  });
  if (chosen?.refusal) throw chosen.refusal;
  return { selected: chosen?.selected ?? [], notes };
}

/** Pages only where everything is copied as it is, between two files whose pages are of one size. */
async function wayOf(
  { prepared: { run }, source, pageSize }: SourceRead,
  tables: readonly CopiedTable[],
): Promise<CopyStep['by']> {
  const isFile = fileOf(source.target.address) !== undefined;
  if (!isFile || copyRules(tables).tables.length > 0) return 'rows';
  return run.engine === undefined || (await pageSizeOf(run.engine.query)) === pageSize ? 'pages' : 'rows';
}
