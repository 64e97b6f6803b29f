import { stat } from 'node:fs/promises';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { guard } from '../../sql/guard.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Query, Row, Statement } from '../../sql/statement.ts';
import type { Engine, UnitOutcome } from '../engine.ts';
import { insistLanded } from '../insist-landed.ts';
import { openSqliteReader } from '../sqlite-reader.ts';
import { insertsOf } from './insert-rows.ts';
import { contentOf, differencesOf, type Content, type TableRows } from './content.ts';

export interface RestoreRemoteOptions {
  /** Absolute path of the backup. */
  readonly from: string;
  /** Where a person finds that file; `from` unless said. */
  readonly called?: string | undefined;
  /** A remote engine, open for changing it. */
  readonly engine: Engine;
  /** Run last in the same batch: the lease. */
  readonly prepare?: readonly Statement[];
  /** A query with a row only when the batch was committed, for when its answer is lost. */
  readonly landed: Statement;
  readonly signal?: AbortSignal;
}

/**
 * What one batch may hold: a server ends a write transaction after 5 s, and takes a request only up to some size.
 * Beyond it a restore means a new database.
 */
export const restoreLimits = { bytes: 4 * 1024 * 1024, rows: 20_000 };

/**
 * Replaces everything in a remote database by a backup, as one batch: all of it or nothing. Read back afterwards.
 *
 * Throws `MigrateError`: `refused` when it is too large or has virtual tables, `busy`, `unreachable`, `backup-failed`
 * when the server refused the batch, `verify-differs`, and `stopped-part-way` when it cannot be read back.
 */
export async function restoreRemote({
  from,
  called = from,
  engine,
  prepare = [],
  landed,
  signal,
}: RestoreRemoteOptions): Promise<{ readonly tables: readonly TableRows[] }> {
  await using backup = await openSqliteReader({ path: from, busyTimeout: 0, ...(signal ? { signal } : {}) });
  const read = backup.query;
  const ask = engine.query;
  const expected = await contentOf(read);
  await refuseLarge({ from, called }, expected.tables, engine.location);
  const statements = [...(await clear(ask)), ...(await fill(read, engine.location)), ...prepare];
  refuseHeavy(statements, engine.location);
  const unit = {
    foreignKeys: 'off',
    statements: statements.map((one) => ({ ...one, role: 'record' as const })),
  } as const;
  await insist(await engine.unit(unit, signal ? { signal } : {}), engine, landed);
  const found = await readBack(ask, engine.location);
  const wrong = differencesOf(expected, { ...found, schema: expected.schema });
  if (wrong.length === 0) return { tables: expected.tables };
  throw new MigrateError(
    'verify-differs',
    `${engine.location} was restored, but differs from the backup: ${wrong.join('; ')}`,
    {
      next: 'Stop the programs that write to it, and restore again.',
    },
  );
}

async function refuseLarge(
  { from, called }: { readonly from: string; readonly called: string },
  tables: readonly TableRows[],
  location: string,
): Promise<void> {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const { size } = await stat(from);
  // A file is never smaller than its values as text are long, by more than a few times.
  if (rows > restoreLimits.rows || size > 4 * restoreLimits.bytes) throw tooLarge(location, called);
}

function refuseHeavy(statements: readonly Statement[], location: string): void {
  const bytes = statements.reduce((sum, { sql }) => sum + Buffer.byteLength(sql), 0);
  if (bytes > restoreLimits.bytes) throw tooLarge(location, undefined);
}

function tooLarge(location: string, from: string | undefined): MigrateError {
  return new MigrateError(
    'refused',
    `The backup is too large to be put back into ${location} in one batch (at most ${restoreLimits.rows} rows and ${restoreLimits.bytes / 1024 / 1024} MiB), and nothing less is all or nothing`,
    { next: newDatabase(from) },
  );
}

function newDatabase(from: string | undefined): string {
  const file = from ?? 'BACKUP_FILE';
  return `Make a new database from it and give the environment its URL: turso db create NEW_NAME --from-file ${file}`;
}

/** Drops what is there, and raises when the schema changed since it was looked at. */
async function clear(ask: Query): Promise<readonly Statement[]> {
  const objects = await ask({
    sql: "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL ORDER BY rowid DESC",
  });
  const named = objects.map(({ type, name }) => ({ type: String(type), name: String(name) }));
  const same = `(SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL) = ${objects.length}`;
  const first = { sql: guard('schema', same) };
  // Indexes go with their tables, and the tables behind a virtual one with it.
  const dropped = (type: string) =>
    named.filter((object) => object.type === type && !isBehind(object.name, objects));
  const drops = ['trigger', 'view', 'table'].flatMap((type) =>
    dropped(type).map(({ name }) => ({ sql: `DROP ${type.toUpperCase()} ${quoteName(name)}` })),
  );
  return [first, ...drops];
}

function isBehind(name: string, objects: readonly Row[]): boolean {
  return (
    objects.some(({ name: owner, sql }) => {
      if (!name.startsWith(`${String(owner)}_`)) return false;
      return isVirtual(sql) || /libsql_vector_idx\s*\(/i.test(String(sql));
    }) || name === 'libsql_vector_meta_shadow'
  );
}

async function fill(read: Query, location: string): Promise<readonly Statement[]> {
  const objects = await read({
    sql: 'SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid',
  });
  const virtual = objects.find(({ sql }) => isVirtual(sql));
  if (virtual) {
    throw new MigrateError(
      'refused',
      `The backup has the virtual table ${String(virtual.name)}, which ${location} lets nobody fill`,
      {
        next: newDatabase(undefined),
      },
    );
  }
  const tables = objects.filter(({ type, name }) => type === 'table' && !isInternal(String(name), objects));
  const statements: Statement[] = tables.map(({ sql }) => ({ sql: String(sql) }));
  for (const { name } of tables) statements.push(...(await insertsOf(String(name), read)));
  statements.push(...(await sequences(objects, read)));
  const later = objects.filter(({ type }) => type !== 'table');
  return [...statements, ...later.map(({ sql }) => ({ sql: String(sql) }))];
}

function isInternal(name: string, objects: readonly Row[]): boolean {
  return name.startsWith('sqlite_') || isBehind(name, objects);
}

async function sequences(objects: readonly Row[], read: Query): Promise<readonly Statement[]> {
  if (!objects.some(({ name }) => name === 'sqlite_sequence')) return [];
  const rows = await read({ sql: 'SELECT quote(name) AS name, quote(seq) AS seq FROM sqlite_sequence' });
  const inserted = rows.map(({ name, seq }) => ({
    sql: `INSERT INTO sqlite_sequence (name, seq) VALUES (${String(name)}, ${String(seq)})`,
  }));
  return [{ sql: 'DELETE FROM sqlite_sequence' }, ...inserted];
}

function isVirtual(sql: unknown): boolean {
  return /^\s*CREATE\s+VIRTUAL\s/i.test(String(sql));
}

/** Nothing that goes wrong from here on leaves the database as it was. */
async function readBack(ask: Query, location: string): Promise<Content> {
  try {
    return await contentOf(ask);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MigrateError(
      'stopped-part-way',
      `${location} was restored whole, but it could not be read back: ${why}`,
      { next: 'migrate-tui verify asks again when the server is well.', cause: error },
    );
  }
}

async function insist(outcome: UnitOutcome, engine: Engine, landed: Statement): Promise<void> {
  const { location } = engine;
  const asBefore = `${location} was not restored and is as before`;
  switch (outcome.kind) {
    case 'committed':
      return;
    case 'failed':
      throw new MigrateError(
        'backup-failed',
        `${asBefore}: the server refused a statement (${outcome.error.code})`,
        {
          cause: outcome.error,
          next: newDatabase(undefined),
        },
      );
    case 'guarded':
      throw new MigrateError('target-changed', `${asBefore}: its schema changed meanwhile`, {
        next: 'Restore again.',
      });
    case 'unknown':
      return insistLanded(engine, landed, { lost: outcome.error, whether: `${location} was restored` });
    case 'busy':
      throw outcome.error;
    case 'stopped':
      throw new MigrateError('interrupted', `${asBefore}.`, { next: runAgain });
    default:
      unreachable(outcome);
  }
}
