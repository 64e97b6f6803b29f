import { existsSync } from 'node:fs';
import { bookkeepingFor } from '../../bookkeeping/bookkeeping-for.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';
import type { TargetKit } from '../../runs/context.ts';
import { countRows } from '../../runs/measure/measure.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { prepareTargets } from '../prepare/targets.ts';
import { schemaOfTarget } from '../target/schema-of.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';
import { kitAddress, type KitAddress } from './credentials.ts';
import { keepTables, looksIntoRecords } from './keep-tables.ts';
import { kitNeededFor, type Kit } from './kit-of.ts';
import { oneTarget } from './one-database.ts';
import { recordTables } from './record-tables.ts';

/**
 * The one database of a push, open, with the project's own drizzle-kit for it.
 *
 * @throws MigrateError `protected`; `config` where drizzle-kit is missing or cannot reach the target; `locked`
 */
export async function preparePush(
  workspace: Workspace,
  environment: Environment,
  { database }: Extract<Change, { kind: 'push' }>,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  refuseProtected(environment);
  const target = oneTarget(workspace, environment, database);
  const kit = await kitNeededFor(workspace, target.database, { environment: environment.name, signal });
  refuseRecords(kit, target);
  refuseFolder(target);
  const known = existsSync(target.database.directory) ? workspace : withoutFolder(workspace, kit.tool);
  const targetKit = targetKitOf(workspace, environment, {
    target,
    kit,
    address: await kitAddress(target.target, environment, signal),
  });
  const prepared = await prepareTargets(known, environment, { databases: [target.database.name], signal });
  for (const { run } of prepared) run.kit = targetKit;
  return prepared;
}

function refuseProtected({ name, protected: isProtected }: Environment): void {
  if (!isProtected) return;
  throw new MigrateError(
    'protected',
    `${name} is protected: push changes a schema without a migration and a rehearsal. Nothing was changed.`,
    { next: `Run migrate-tui generate, then migrate-tui deploy ${name}.` },
  );
}

function refuseRecords({ tool, config }: Kit, { database }: TargetDatabase): void {
  if (!looksIntoRecords(tool, config, database)) return;
  const { tableSchema: schema, table } = database;
  throw new MigrateError(
    'refused',
    `drizzle-kit ${tool.version} takes the records in ${schema}.${table} for a part of the schema and would drop what belongs to them. Nothing was changed.`,
    {
      next: `Run migrate-tui generate and deploy instead, or keep the records in a schema of their own: migrations.schema in ${config.file}.`,
    },
  );
}

/** Two programs over one folder of PGlite destroy it, and the lock is held by this one. */
function refuseFolder({ target: { address, environment, database } }: TargetDatabase): void {
  if (address.kind !== 'pglite') return;
  throw new MigrateError(
    'refused',
    `${environment}/${database} is a folder of PGlite, which one program may have open at a time; a push needs two, for the lock and for drizzle-kit. Nothing was changed.`,
    { next: `Run migrate-tui generate, then migrate-tui deploy ${environment}.` },
  );
}

/** A schema that was only ever pushed has no migrations yet. */
function withoutFolder(workspace: Workspace, { version }: Kit['tool']): Workspace {
  const format = version.startsWith('0.') ? 'drizzle-0' : 'drizzle-1';
  return {
    ...workspace,
    folderOf: ({ directory, dialect }) =>
      Promise.resolve({ format, dialect, directory, migrations: [], notes: [] }),
    bookkeepingOf: ({ bookkeeping, directory, table, tableSchema, dialect }) =>
      Promise.resolve(
        bookkeepingFor({ recordedBy: bookkeeping, format, directory, table, tableSchema, dialect }),
      ),
  };
}

interface OnTarget {
  readonly target: TargetDatabase;
  readonly kit: Kit;
  readonly address: KitAddress;
}

function targetKitOf(
  workspace: Workspace,
  environment: Environment,
  { target, kit, address: { credentials, instead } }: OnTarget,
): TargetKit {
  const kept = keepTables(kit.tool, kit.config, target);
  return {
    tool: `drizzle-kit ${kit.tool.version}`,
    load: (signal) => kit.run({ command: ['export'], access: 'read', environment: environment.name, signal }),
    push: (how) =>
      kit.run({
        command: ['push'],
        credentials,
        instead: { ...instead, ...kept },
        environment: environment.name,
        access: 'write',
        ...how,
      }),
    look: () => look(workspace, environment, target),
  };
}

/**
 * With a connection of its own, as the run's ends with the run's signal; of the same library, as two of them on one file
 * in one process lose writes.
 */
async function look(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
): ReturnType<TargetKit['look']> {
  await using engine = await workspace.open(target.target, environment, {
    purpose: 'change',
    ifMissing: 'refuse',
  });
  const records = engine ? await recordTables(engine.query, target.database) : [];
  const counted = engine ? await countRows(engine.query, { leaveOut: records }) : [];
  return {
    schema: await schemaOfTarget(engine, target),
    records,
    rows: new Map(counted.map(({ table, rows }) => [table, rows])),
  };
}
