import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Engine } from '../../engines/engine.ts';
import { openDump } from '../../engines/postgres/copy/dump-reader.ts';
import { openSqliteReader } from '../../engines/sqlite-reader.ts';
import { MigrateError } from '../../lib/errors.ts';
import { readSqlFile } from '../../migrations/sql-file.ts';
import type { Migration } from '../../migrations/migration.ts';
import { findBackup } from '../../runs/backups/backups.ts';
import { openBackup } from '../../runs/backups/open-backup.ts';
import { openReplayBase, type Refusal } from '../../runs/replay/replay-points.ts';
import { readSchema } from '../../schema/read.ts';
import type { Schema } from '../../schema/schema.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** The schema that a target has; none when the database does not exist yet. */
export async function schemaOfTarget(
  engine: Engine | undefined,
  { database }: Pick<TargetDatabase, 'database'>,
): Promise<Schema> {
  if (!engine) return { objects: [] };
  return readSchema(engine.query, { bookkeeping: [database.table] });
}

/**
 * The schema that migrations give in an empty database of the target's engine.
 *
 * @throws MigrateError `migrations` with the place at which they cannot be replayed, `config` where there is nothing to
 *   replay them in
 */
export async function schemaOfMigrations(
  migrations: readonly Migration[],
  { database, target }: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<Schema> {
  const like = target.address.kind;
  const options = { like, bookkeeping: database.table, ...(signal ? { signal } : {}) };
  await using base = await openReplayBase(options);
  for (const { tag, file, statements } of migrations) {
    signal?.throwIfAborted();
    const refusal = await base.keep(statements);
    if (!refusal) continue;
    const line = statements[refusal.statement - 1]?.line;
    throw new MigrateError(
      'migrations',
      `The history of ${database.name} cannot be replayed: at ${tag}, statement ${refusal.statement}${line === undefined ? '' : ` (${file}:${line})`}, because ${refusal.why}`,
      { next: 'Two environments, or an environment and a file, can be compared without a replay.' },
    );
  }
  return await base.schema();
}

/** What `--against` names: a backup of the environment, a file of SQL, or a database file. */
export async function schemaOfFile(
  workspace: Workspace,
  environment: string,
  {
    wanted,
    of,
    signal,
  }: { readonly wanted: string; readonly of: TargetDatabase; readonly signal: AbortSignal | undefined },
): Promise<Schema> {
  const path = resolve(workspace.options.cwd, wanted);
  if (!existsSync(path)) {
    if (/^b\d+$/.test(wanted)) return schemaOfBackup(workspace, environment, { id: wanted, of, signal });
    throw new MigrateError('not-found', `${path} does not exist.`, {
      next: 'Name a file of SQL, a database file, or a backup such as b41.',
    });
  }
  return (await isDatabase(path)) ? schemaOfDatabase(path, of) : schemaOfSql(path, of, signal);
}

async function schemaOfBackup(
  workspace: Workspace,
  environment: string,
  { id, of, signal }: { id: string; of: TargetDatabase; signal: AbortSignal | undefined },
): Promise<Schema> {
  const { databases } = await findBackup(workspace.places.backups, id, environment);
  const kept = databases.find(({ database }) => database === of.database.name);
  if (kept?.kind === 'copy') {
    await using copy = await openBackup(workspace, { id, file: kept }, { signal });
    return await schemaOfCopy(copy.path, of, signal);
  }
  const why = kept
    ? `${id} is a place in the history that the server keeps; it has no copy to compare with.`
    : `${id} does not hold ${of.database.name}.`;
  const comparable = databases.filter(({ kind }) => kind === 'copy').map(({ database }) => database);
  const other = comparable.length > 0 ? `Add --database ${comparable.join(' or --database ')}. ` : '';
  throw new MigrateError('not-found', why, {
    next: `${other}migrate-tui backups ${environment} lists what there is.`,
  });
}

async function schemaOfCopy(
  path: string,
  of: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<Schema> {
  switch (of.database.dialect) {
    case 'sqlite':
      return schemaOfDatabase(path, of);
    case 'postgres':
      return schemaOfDump(path, of, signal);
  }
}

/** A copy of a PostgreSQL database holds the statements that make its schema. */
async function schemaOfDump(
  path: string,
  of: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<Schema> {
  await using dump = await openDump(path);
  const { settings, beforeRows, afterRows } = dump.script;
  const statements = [...settings, ...beforeRows, ...afterRows].map((sql) => ({ sql }));
  const { schema, refusal } = await madeFrom(statements, of, signal);
  if (!refusal) return schema;
  const next = 'Compare with another environment, or with the migrations.';
  throw new MigrateError('refused', `${path} cannot be made again without its server: ${refusal.why}.`, {
    next,
  });
}

/** What statements make in an empty database of the target's engine, or why they do not. */
async function madeFrom(
  statements: readonly { readonly sql: string }[],
  { database, target }: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<{ readonly schema: Schema; readonly refusal: Refusal | undefined }> {
  const like = target.address.kind;
  const options = { like, bookkeeping: database.table, ...(signal ? { signal } : {}) };
  await using base = await openReplayBase(options);
  const refusal = await base.keep(statements);
  return { schema: refusal ? { objects: [] } : await base.schema(), refusal };
}

async function isDatabase(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
  return buffer.toString('latin1') === 'SQLite format 3\0';
}

async function schemaOfDatabase(path: string, { database }: TargetDatabase): Promise<Schema> {
  await using reader = await openSqliteReader({ path, busyTimeout: 5000 });
  return await readSchema(reader.query, { bookkeeping: [database.table] });
}

async function schemaOfSql(
  path: string,
  of: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<Schema> {
  const file = await readSqlFile(path, { dialect: of.database.dialect });
  const statements = file.statements();
  const { schema, refusal } = await madeFrom(statements, of, signal);
  if (!refusal) return schema;
  const line = statements[refusal.statement - 1]?.line ?? 1;
  throw new MigrateError(
    'usage',
    `${path}:${line} cannot be loaded into an empty database: ${refusal.why}.`,
    {
      next: 'migrate-tui schema ENV writes a file that can.',
    },
  );
}
