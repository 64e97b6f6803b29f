import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { Engine, UnitOutcome, UnitStatement } from '../../engines/engine.ts';
import { immutableUrl } from '../../engines/immutable-url.ts';
import { insertableColumns, insertsOf } from '../../engines/libsql/insert-rows.ts';
import { restoreLimits } from '../../engines/libsql/restore-remote.ts';
import { openEngine } from '../../engines/open.ts';
import { insistLanded } from '../../engines/insist-landed.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Step } from '../../operations/plan/step.ts';
import { guard } from '../../sql/guard.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import type { Query, Statement } from '../../sql/statement.ts';
import { findBackup } from '../backups/backups.ts';
import { asStep, databaseOf, interrupted, type RunContext } from '../context.ts';
import { foreignKeyGuard, violationsJson } from '../unit/foreign-key-guard.ts';
import type { HeldLock } from '../lock/lock.ts';
import { noted } from '../unit/noted.ts';
import { openBackup } from '../backups/open-backup.ts';
import { renewBackup } from './renew-backup.ts';
import { refuseOtherShape } from './same-shape.ts';

/**
 * Puts the rows of some tables back as a backup has them, in one unit: other tables stay as they are, triggers do not
 * fire, and rows that would be left without their parent undo it all.
 */
export async function restoreTables(
  { database: name, backup, tables }: Extract<Step, { kind: 'restore-tables' }>,
  context: RunContext,
): Promise<void> {
  const of = databaseOf(context, name);
  const stopping = 'ctrl-c undoes all of it: it is one transaction';
  await asStep(context, { step: 'restore', database: name, stopping }, async () => {
    const { engine, lock } = of;
    if (!engine || !lock) throw new Error(`${name} is not open and locked.`);
    const isPostgres = engine.query.dialect === 'postgres';
    if (engine.foreignKeys === 'always-on' && !isPostgres) throw neverSingle(engine.location);
    await renewBackup(of, context);
    const manifest = await findBackup(context.places.backups, backup, context.environment.name);
    const copied = manifest.databases.find(({ database }) => database === name);
    if (copied?.kind !== 'copy') throw new Error(`${backup} has no copy of ${name}.`);
    if (isPostgres) {
      const { restoreRows } = await import('./restore-rows.ts');
      return restoreRows({ of, copied, backup, tables, engine, lock }, context);
    }
    await using kept = await openBackup(context, { id: backup, file: copied }, context);
    await using copy = await openCopy(kept.path);
    await refuseOtherShape(engine, copy, { tables, bookkeeping: of.database.table, backup });
    const counts = await countRows(tables, copy.query);
    const statements = await puttingBack(copy, { engine, lock }, counts);
    const landed = leaseTexts(engine.query.dialect).countsAreKept(lock);
    await noted(context, { database: name, what: `the restore of ${backup}` }, async () => {
      const outcome = await unitWith(engine, kept.path, statements, context.signal);
      await insist(outcome, { engine, landed, backup });
    });
    context.progress.restored = backup;
    const rows = counts.reduce((sum, count) => sum + count.rows, 0);
    return {
      says: `${tables.join(', ')} as ${backup} has ${tables.length === 1 ? 'it' : 'them'}: ${quantity(tables.length, 'table')}, ${quantity(rows, 'row')}, counted before the commit`,
    };
  });
}

/** The tables are emptied and filled from the copy, between counts that raise where anything is missing then. */
async function puttingBack(
  copy: Engine,
  { engine, lock }: { readonly engine: Engine; readonly lock: HeldLock },
  counts: readonly Counted[],
): Promise<readonly Statement[]> {
  const tables = counts.map(({ table }) => table);
  const rows = await rowsFrom(copy, engine, tables, counts);
  const emptying = tables.map((table) => ({ sql: `DELETE FROM ${quoteName(table)}` }));
  return [
    ...lock.fence(null),
    leaseTexts(engine.query.dialect).keepCounts(`'{"fk":' || ${violationsJson} || '}'`),
    ...(await withoutTriggers(tables, engine.query, [...emptying, ...rows])),
    ...counts.map(rowsGuard),
    foreignKeyGuard,
  ];
}

/** Emptying a table first would take the rows of others with it. */
function neverSingle(location: string): MigrateError {
  return new MigrateError(
    'refused',
    `Single tables cannot be put back into ${location}: its foreign keys cannot be switched off, and emptying a table would fire their ON DELETE actions. Nothing was changed.`,
    { next: 'Restore the whole backup, or copy the rows by hand.' },
  );
}

interface Counted {
  readonly table: string;
  readonly rows: number;
}

async function openCopy(path: string): Promise<Engine> {
  const opened = await openEngine(
    { kind: 'libsql-file', path },
    { purpose: 'question', ifMissing: 'refuse' },
  );
  if (opened.kind === 'open') return opened.engine;
  throw new MigrateError('not-found', `The backup's file ${path} is not there. Nothing was changed.`, {
    next: 'migrate-tui backups lists the others.',
  });
}

async function countRows(tables: readonly string[], query: Query): Promise<readonly Counted[]> {
  const counts: Counted[] = [];
  for (const table of tables) {
    const [row] = await query({ sql: `SELECT count(*) AS n FROM ${quoteName(table)}` });
    counts.push({ table, rows: Number(row?.n) });
  }
  return counts;
}

/** A file reads the attached backup; a server gets the rows as text in its one request. */
async function rowsFrom(
  copy: Engine,
  engine: Engine,
  tables: readonly string[],
  counts: readonly Counted[],
): Promise<readonly Statement[]> {
  const statements: Statement[] = [];
  if (engine.delivery === 'statement-by-statement') {
    for (const table of tables) {
      const columns = (await insertableColumns(table, copy.query)).join(', ');
      const name = quoteName(table);
      statements.push({ sql: `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${attached}.${name}` });
    }
    return statements;
  }
  if (counts.reduce((sum, { rows }) => sum + rows, 0) > restoreLimits.rows) throw tooLarge(engine.location);
  for (const table of tables) statements.push(...(await insertsOf(table, copy.query)));
  const bytes = statements.reduce((sum, { sql }) => sum + Buffer.byteLength(sql), 0);
  if (bytes > restoreLimits.bytes) throw tooLarge(engine.location);
  return statements;
}

const attached = '__migrate_tui_backup';

function tooLarge(location: string): MigrateError {
  const most = `${quantity(restoreLimits.rows, 'row')} and ${restoreLimits.bytes / 1024 / 1024} MiB`;
  return new MigrateError(
    'refused',
    `The tables are too large to be put back into ${location} in one batch (at most ${most}), and nothing less is all or nothing. Nothing was changed.`,
    { next: 'Put fewer tables back at a time, or make a new database from a whole backup.' },
  );
}

/** A trigger would change rows that nobody asked about: they are made anew after the rows, word for word. */
async function withoutTriggers(
  tables: readonly string[],
  query: Query,
  statements: readonly Statement[],
): Promise<readonly Statement[]> {
  const where = `type = 'trigger' AND lower(tbl_name) IN (${tables.map((table) => `lower(${quoteText(table)})`).join(', ')})`;
  const triggers = await query({ sql: `SELECT name, sql FROM sqlite_schema WHERE ${where} ORDER BY rowid` });
  return [
    { sql: guard('schema', `(SELECT count(*) FROM sqlite_schema WHERE ${where}) = ${triggers.length}`) },
    ...triggers.map(({ name }) => ({ sql: `DROP TRIGGER ${quoteName(String(name))}` })),
    ...statements,
    ...triggers.map(({ sql }) => ({ sql: String(sql) })),
  ];
}

function rowsGuard({ table, rows }: Counted): Statement {
  return {
    sql: guard(
      'rows',
      `(SELECT count(*) FROM ${quoteName(table)}) = ${rows}`,
      quoteText(table.replaceAll("'", '’')),
    ),
  };
}

async function unitWith(
  engine: Engine,
  from: string,
  statements: readonly Statement[],
  signal: AbortSignal,
): Promise<UnitOutcome> {
  const all: readonly UnitStatement[] = statements.map((statement) => ({ ...statement, role: 'record' }));
  const unit = { foreignKeys: 'off', statements: all } as const;
  if (engine.delivery === 'one-request') return engine.unit(unit, { signal });
  for (let attempt = 1; ; attempt += 1) {
    await engine.query({ sql: `ATTACH ? AS ${attached}`, args: [immutableUrl(from)] });
    const outcome = await engine.unit(unit, { signal });
    if (await isAttached(engine.query)) {
      await engine.query({ sql: `DETACH ${attached}` });
      return outcome;
    }
    // A writer in the way makes the engine connect anew, without what was attached: then no row could be read.
    if (outcome.kind !== 'failed' || attempt === 5) return outcome;
  }
}

async function isAttached(query: Query): Promise<boolean> {
  return (await query({ sql: 'PRAGMA database_list' })).some(({ name }) => name === attached);
}

async function insist(
  outcome: UnitOutcome,
  {
    engine,
    landed,
    backup,
  }: { readonly engine: Engine; readonly landed: Statement; readonly backup: string },
): Promise<void> {
  const { location } = engine;
  switch (outcome.kind) {
    case 'committed':
      return;
    case 'guarded':
      throw guarded(outcome, location);
    case 'failed':
      throw new MigrateError(
        'statement-failed',
        `${location} refused a row of ${backup} (${outcome.error.code}). Everything was undone; it is as before.`,
        {
          next: 'Rows of other tables stand against it: put those tables back with it, or restore the whole backup.',
          cause: outcome.error,
        },
      );
    case 'unknown':
      return insistLanded(engine, landed, {
        lost: outcome.error,
        whether: `the rows are back in ${location}`,
      });
    case 'busy':
      throw outcome.error;
    case 'stopped':
      throw interrupted('before the rows were put back');
    default:
      unreachable(outcome);
  }
}

function guarded({ guard: name, detail }: Extract<UnitOutcome, { kind: 'guarded' }>, location: string) {
  const undone = 'Everything was undone; it is as before.';
  switch (name) {
    case 'foreign-keys':
      return new MigrateError(
        'refused',
        `${location} would be left with rows without their parent: ${detail}. ${undone}`,
        {
          next: 'Name these tables in --tables as well, or restore the whole backup.',
        },
      );
    case 'lease':
      return new MigrateError('locked', `The lock on ${location} was taken over. ${undone}`, {
        next: 'migrate-tui status names who holds it.',
      });
    default:
      return new MigrateError('target-changed', `${location} was changed meanwhile (${name}). ${undone}`, {
        next: 'Run the same command again.',
      });
  }
}
