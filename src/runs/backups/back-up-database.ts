import type { OnCopyProgress } from '../../engines/copy-progress.ts';
import type { Engine, Rewind } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { MigrateError } from '../../lib/errors.ts';
import { lineUp, tagOf } from '../../operations/history/history.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { withoutInvalid } from '../../schema/invalid-index.ts';
import { readSchema } from '../../schema/read.ts';
import { foldName } from '../../sql/cursor.ts';
import type { BackedUpDatabase, CopiedDatabase, PositionedDatabase } from './manifest.ts';
import type { BackupDraft } from './backups.ts';
import type { RunContext, RunDatabase } from '../context.ts';
import { copyOut, formOf, type Copy } from './copies.ts';
import { fileToKeep } from './keep-file.ts';
import { countRows } from '../measure/measure.ts';
import { keepTables } from '../perform/keep-tables.ts';
import { notValidIn, refuseIncomplete } from '../postgres/left-out.ts';
import { readHistory } from '../snapshot.ts';
import { stampOf } from '../measure/stamp.ts';

/**
 * Backs one database up: a copy in the draft's folder, or, where the server keeps a history, the place in it.
 *
 * @param only these tables alone
 * @throws MigrateError `refused` where single tables cannot be backed up; what `copyOut` throws
 */
export function backUpDatabase(
  of: RunDatabase,
  draft: BackupDraft,
  context: RunContext,
  only: readonly string[] | undefined,
): Promise<BackedUpDatabase> {
  const { engine, database } = of;
  if (!engine) throw new Error(`${database.name} has no engine to back up.`);
  if (!engine.rewind) return copyDatabase(engine, of, draft, context, only);
  if (only === undefined) return holdPosition({ engine, rewind: engine.rewind }, of);
  throw new MigrateError(
    'refused',
    `${engine.location} is backed up by the server as a whole; single tables are not. Nothing was changed.`,
    {
      next: `Leave --tables away, or keep their rows in a file: migrate-tui backup ${context.environment.name} --archive`,
    },
  );
}

async function copyDatabase(
  engine: Engine,
  of: RunDatabase,
  draft: BackupDraft,
  context: RunContext,
  only: readonly string[] | undefined,
): Promise<CopiedDatabase> {
  const form = formOf(of.target.address);
  await using file = await fileToKeep(draft.pathOf(of.database.name, form), context);
  const stamp = await stampOf(of.target.address, engine);
  const { bytes, sha256, ...seen } =
    form === 'sqlite'
      ? await copyFileOf(file.path, of, context, only)
      : await dumpOf(file.path, of, context, only);
  return {
    kind: 'copy',
    database: of.database.name,
    location: engine.location,
    engine: engine.name,
    ...seen,
    ...(await file.keep({ bytes, sha256 })),
    stamp,
  };
}

type Copied = Seen & Pick<CopiedDatabase, 'tables' | 'bytes' | 'sha256'>;

async function copyFileOf(
  file: string,
  of: RunDatabase,
  context: RunContext,
  only: readonly string[] | undefined,
): Promise<Copied> {
  const { tables, bytes, sha256 } = await copyTo(file, of, context, 'backup');
  const kept = only && (await keepTables(file, { tables: only, bookkeeping: of.database.table }));
  const seen = await lookInto(file, of);
  return { ...seen, tables: tables.filter(among(only)), ...(kept ?? { bytes, sha256 }) };
}

/** A partial one has the whole schema, and rows of the named tables alone. */
async function dumpOf(
  file: string,
  of: RunDatabase,
  context: RunContext,
  only: readonly string[] | undefined,
): Promise<Copied> {
  // What talks to servers is loaded when there is one.
  const { copyPostgres } = await import('../postgres/copy.ts');
  const isWanted = among(only);
  const isTracking = isTrackingTable(of);
  const { seen, tables, bytes, sha256 } = await copyPostgres(of.target.address, file, {
    look: (query) => lookAt({ query }, of),
    permit: (leftOut, location) => {
      refuseIncomplete(leftOut, location);
      sayNotValid(notValidIn(leftOut), of, context);
    },
    withRows: (table) => isWanted({ table }) || isTracking(table),
    signal: context.signal,
    onProgress: onProgressOf(of, context, 'backup'),
  });
  return { ...seen, tables: tables.filter(isWanted), bytes, sha256 };
}

function sayNotValid(notValid: readonly string[], { database }: RunDatabase, { events }: RunContext): void {
  if (notValid.length === 0) return;
  events.emit({
    kind: 'notice',
    level: 'warning',
    message: `The backup of ${database.name} is without ${notValid.join(', ')}: no query uses it, and no copy holds it.`,
  });
}

/** Its rows are records of migrations. */
export function isTrackingTable({ bookkeeping }: RunDatabase): (table: string) => boolean {
  return (table) => table === bookkeeping.table;
}

/** Nothing is copied: what is read after the position was taken may be a moment younger than it. */
async function holdPosition(
  { engine, rewind }: { readonly engine: Engine; readonly rewind: Rewind },
  of: RunDatabase,
): Promise<PositionedDatabase> {
  const position = await rewind.position();
  const [seen, tables] = await Promise.all([
    lookAt(engine, of),
    countRows(engine.query, { leaveOut: [of.database.table] }),
  ]);
  return {
    kind: 'position',
    database: of.database.name,
    position,
    of: rewind.of,
    retention: rewind.retention,
    location: engine.location,
    engine: engine.name,
    ...seen,
    tables,
    stamp: position,
  };
}

function among(only: readonly string[] | undefined): (copied: { readonly table: string }) => boolean {
  const wanted = only && new Set(only.map(foldName));
  return ({ table }) => wanted === undefined || wanted.has(foldName(table));
}

/** What the copy itself says: it, not the live database, is what will be rehearsed and restored. */
async function lookInto(file: string, of: RunDatabase): Promise<Seen> {
  const opened = await openEngine(
    { kind: 'libsql-file', path: file },
    { purpose: 'question', ifMissing: 'refuse' },
  );
  if (opened.kind !== 'open')
    throw new MigrateError('backup-failed', `The copy of ${of.database.name} is gone.`);
  await using reader = opened.engine;
  return await lookAt(reader, of);
}

type Seen = Pick<BackedUpDatabase, 'tags' | 'history' | 'fingerprint'>;

async function lookAt(
  engine: Pick<Engine, 'query'>,
  { database, bookkeeping, migrations }: RunDatabase,
): Promise<Seen> {
  const [{ shaped, entries }, schema] = await Promise.all([
    readHistory(engine, bookkeeping),
    readSchema(engine.query, { bookkeeping: [database.table] }),
  ]);
  const { items } = lineUp({ migrations, bookkeeping: shaped, entries });
  return {
    tags: items.flatMap((item) => ('entry' in item ? [tagOf(item)] : [])),
    history: shaped.digest(entries),
    fingerprint: fingerprint(withoutInvalid(schema)),
  };
}

/** Copies a target consistently into a file, while others go on writing to it. */
export async function copyTo(
  file: string,
  { target, database }: RunDatabase,
  { signal, events }: RunContext,
  step: 'backup' | 'dry-run',
): Promise<Copy> {
  const onProgress = onProgressOf({ database }, { events }, step);
  const copy = await copyOut(target.address, file, { signal, onProgress });
  if (copy.moment === 'several') {
    events.emit({
      kind: 'notice',
      level: 'warning',
      message: `${database.name} was written to while it was copied for the rehearsal: its rows are of several moments.`,
    });
  }
  return copy;
}

/** What is said while a database is copied. */
export function onProgressOf(
  { database }: Pick<RunDatabase, 'database'>,
  { events }: Pick<RunContext, 'events'>,
  step: 'backup' | 'dry-run',
): OnCopyProgress {
  return ({ done, total, unit }) =>
    events.emit({
      kind: 'progress',
      step,
      database: database.name,
      done,
      unit,
      what: 'copying',
      ...(total === undefined ? {} : { total }),
    });
}
