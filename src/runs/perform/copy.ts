import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { LeaseTaker } from '../../bookkeeping/lease.ts';
import { openEngine } from '../../engines/open.ts';
import type { Engine } from '../../engines/engine.ts';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { copyRules } from '../../operations/copied-rows/copied-tables.ts';
import type { CopyStep } from '../../operations/plan/step.ts';
import { sameName } from '../../sql/cursor.ts';
import type { Query } from '../../sql/statement.ts';
import { asStep, databaseOf, type RowSource, type RunContext, type RunDatabase } from '../context.ts';
import { copyAcross, copyIn, copyOutUnder, formOf } from '../backups/copies.ts';
import { copyReporter } from '../copy-reporter.ts';
import { renewedLock, type HeldLock } from '../lock/lock.ts';
import { countRows, countViolations } from '../measure/measure.ts';
import { makeScratchFolder, scratchFolder } from '../replay/scratch.ts';
import { readHistory } from '../snapshot.ts';
import { insistOnHistory, notedCopy } from './copied.ts';
import { refuseWithoutSpace } from './copy-space.ts';
import { renewBackup } from './renew-backup.ts';

/** Replaces what is in a database by what another environment has; the lock stays this run's, under a higher epoch. */
export async function performCopy(step: CopyStep, context: RunContext): Promise<void> {
  const { database, from } = step;
  const of = databaseOf(context, database);
  const { source } = of;
  if (!source) throw new Error(`${database} has no source to be copied.`);
  const { databases, environment } = context;
  const untouched = databases.size > 1 ? `${database} of ${environment.name}` : environment.name;
  const stopping = `ctrl-c before the last page leaves ${untouched} as it was; ${from} is only read`;
  await asStep(context, { step: 'copy', database, stopping }, async () => {
    await renewBackup(of, context);
    const engine = await of.open({ ifMissing: 'create' });
    await refuseWithoutSpace(step, of, context);
    const held = await takerOf(engine, of, context);
    const copy = { step, of, source, engine, held };
    const here = await copyAs(copy, context);
    of.lock = await renewedLock(engine, held.lock);
    source.violations = await countViolations(engine.query);
    const tables = countedTables(step, source, here);
    const rows = tables.reduce((sum, table) => sum + (table.here ?? 0), 0);
    return {
      says: `${from} is here: ${quantity(tables.length, 'table')}, ${quantity(rows, 'row')}, counted again`,
      tables,
    };
  });
}

export interface Copy {
  readonly step: CopyStep;
  readonly of: RunDatabase;
  readonly source: RowSource;
  readonly engine: Engine;
  readonly held: Held;
}

export type Counted = readonly { readonly table: string; readonly rows: number }[];

/** Under which lease the copy comes in. */
export interface Held {
  readonly lock: HeldLock;
  readonly taker: LeaseTaker;
  readonly epoch: number;
}

async function takerOf(engine: Engine, of: RunDatabase, { key, who, progress }: RunContext): Promise<Held> {
  if (!of.lock) throw new Error(`${of.database.name} is not locked.`);
  const lock = await renewedLock(engine, of.lock);
  const taker = { run: key, by: who.by, host: who.host, backup: progress.backup };
  return { lock, taker, epoch: lock.epoch + 1 };
}

async function copyAs(copy: Copy, context: RunContext): Promise<Counted> {
  if (copy.step.by === 'pages') return copyPages(copy, context);
  if (formOf(copy.of.target.address) === 'sqlite') return copyRows(copy, context);
  // What talks to servers is loaded when there is one.
  const { copyTables } = await import('./copy-tables.ts');
  return copyTables(copy, context);
}

/** The source's pages go straight into the live file, in one transaction; our lease is written right behind it. */
async function copyPages({ step, of, source, engine, held }: Copy, context: RunContext): Promise<Counted> {
  await refuseOtherHistory(source, step.from);
  let counted: Counted = [];
  await notedCopy({ step }, context, async () => {
    counted = await copyAcross(
      { from: source.target.address, to: of.target.address },
      {
        shape: source.shape,
        called: step.from,
        rows: source.rows,
        signal: context.signal,
        onProgress: copyReporter(step, context),
      },
    );
    context.progress.copied.push(step.database);
    const { plant } = leaseTexts(engine.query.dialect);
    const statements = plant(held.taker, held.epoch).map((one) => ({ ...one, role: 'guard' as const }));
    const outcome = await engine.unit({ foreignKeys: 'on', statements });
    if (outcome.kind !== 'committed') throw notHeld(step.database, outcome.kind);
  });
  await refuseOtherRecords(engine.query, source, step);
  // What only libSQL can read was not counted on the way.
  return counted.length > 0 ? counted : countRows(engine.query);
}

/** A database of our own is made of the rows and looked at, before its pages go into the live one. */
async function copyRows({ step, of, source, engine, held }: Copy, context: RunContext): Promise<Counted> {
  const folder = scratchFolder(context.places.scratch, context.run);
  await makeScratchFolder(folder);
  const file = join(folder, `${encodeURIComponent(step.database)}.copy.db`);
  try {
    const copied = await copyOutUnder(source.target.address, file, {
      masking: { rules: copyRules(step.tables), key: context.maskKey },
      shape: source.shape,
      called: step.from,
      pageSize: await pageSizeOf(engine.query),
      signal: context.signal,
      onProgress: copyReporter(step, context),
    });
    if (copied.moment === 'several') context.events.emit(ofSeveralMoments(step));
    await lookInto(file, { step, source });
    const lease = leaseTexts(engine.query.dialect);
    await notedCopy({ step }, context, async () => {
      await copyIn({ address: of.target.address, engine }, file, {
        backup: 'used-up',
        prepare: lease.plant(held.taker, held.epoch),
        landed: lease.planted(held.taker, held.epoch),
        signal: context.signal,
      });
      context.progress.copied.push(step.database);
    });
    return copied.tables;
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
  }
}

/** What is masked or left out must not leave rows without what they refer to, and the records must be those planned for. */
async function lookInto(file: string, { step, source }: Pick<Copy, 'step' | 'source'>): Promise<void> {
  const opened = await openEngine({ kind: 'libsql-file', path: file }, { purpose: 'question' });
  if (opened.kind !== 'open') throw new Error(`The copy of ${step.from} is gone.`);
  await using copy = opened.engine;
  await insistOnHistory(copy, source, step.from);
  const broken = await countViolations(copy.query);
  if (broken.length === 0) return;
  const before = await askSource(source, countViolations);
  for (const { table, parent, count } of broken) {
    const was = before.find((one) => one.table === table && one.parent === parent)?.count ?? 0;
    if (count <= was) continue;
    throw new MigrateError(
      'refused',
      `${quantity(count - was, 'row')} of ${table} would refer to nothing in ${parent}: its masked values do not fit together. Nothing was changed.`,
      { next: `Give the columns that join ${table} and ${parent} the same rule in masks.` },
    );
  }
}

async function refuseOtherHistory(source: RowSource, from: string): Promise<void> {
  await askSource(source, (query) => insistOnHistory({ query }, source, from));
}

/** After the pages are here nothing can be refused any more, only said. */
async function refuseOtherRecords(
  query: Query,
  { bookkeeping, history }: RowSource,
  step: CopyStep,
): Promise<void> {
  const { shaped, entries } = await readHistory({ query }, bookkeeping);
  if (shaped.digest(entries) === history) return;
  throw new MigrateError(
    'stopped-part-way',
    `${step.from} was migrated while it was copied, so what would be run on top is not known.`,
    { next: runAgain },
  );
}

async function askSource<T>({ target }: RowSource, ask: (query: Query) => Promise<T>): Promise<T> {
  const opened = await openEngine(target.address, { purpose: 'question' });
  if (opened.kind !== 'open') throw new Error(`${target.database} of ${target.environment} is gone.`);
  await using engine = opened.engine;
  return await ask(engine.query);
}

async function pageSizeOf(query: Query): Promise<number> {
  const [row] = await query({ sql: 'PRAGMA page_size' });
  return Number(row?.['page_size'] ?? 4096);
}

function notHeld(database: string, outcome: string): MigrateError {
  return new MigrateError(
    'stopped-part-way',
    `${database} has its new content, and the lock could not be written behind it (${outcome}).`,
    { next: runAgain },
  );
}

function ofSeveralMoments({ database, from }: CopyStep) {
  return {
    kind: 'notice' as const,
    level: 'warning' as const,
    message: `${from} was written to while ${database} was copied: its rows are of several moments.`,
  };
}

function countedTables({ tables }: CopyStep, { rows }: RowSource, here: Counted) {
  return tables.map((table) => {
    const there = rows.get(table.table);
    const found = here.find((one) => sameName(one.table, table.table))?.rows;
    return {
      ...table,
      ...(there !== undefined && { rows: there }),
      ...(found !== undefined && { here: found }),
    };
  });
}
