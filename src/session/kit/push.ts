import type { Lease } from '../../bookkeeping/lease.ts';
import { MigrateError } from '../../lib/errors.ts';
import { kitProblem } from '../../operations/kit-problem.ts';
import type { Environment } from '../../project/project.ts';
import { compareSchemas } from '../../schema/compare.ts';
import { currentLease, isDead } from '../../runs/lock.ts';
import { isOurs } from '../../schema/left-out.ts';
import type { Schema, SchemaDifference } from '../../schema/schema.ts';
import { schemaOfTarget } from '../schema-of.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';
import { kitAddress } from './credentials.ts';
import { keepTables } from './keep-tables.ts';
import { kitFailure, kitNeededFor, type Kit } from './kit-of.ts';
import { oneTarget } from './one-database.ts';

export interface WantedPush {
  readonly environment: string;
  readonly database: string | undefined;
  readonly consent: 'given' | 'not-given';
  /** Whether somebody can answer what drizzle-kit asks about renames and rows that would be lost. */
  readonly terminal: 'ours' | 'none';
  readonly signal: AbortSignal | undefined;
}

/** What the database shows, not what drizzle-kit says. */
export interface Push {
  readonly environment: string;
  readonly database: string;
  readonly tool: string;
  readonly changed: readonly Pick<SchemaDifference, 'type' | 'name' | 'change'>[];
}

/**
 * Has the project's own drizzle-kit bring a database to the schema code, without a migration. Tables that keep records
 * and the lock are kept from it.
 *
 * @throws MigrateError `protected`, `not-confirmed`, `locked`; `refused` for a question that nobody can answer
 */
export async function push(workspace: Workspace, wanted: WantedPush): Promise<Push> {
  const { terminal, signal } = wanted;
  const environment = workspace.environment(wanted.environment);
  refuseProtected(environment);
  const target = oneTarget(workspace, environment, wanted.database);
  refuseUnagreed(wanted, target);
  const kit = await kitNeededFor(workspace, target.database, { environment: environment.name, signal });
  const { credentials, instead } = kitAddress(target.target);
  const run = {
    command: ['push'],
    credentials,
    instead: { ...instead, ...keepTables(kit.tool, kit.config, target) },
    environment: environment.name,
    access: 'write',
    signal,
  } as const;
  const before = await look(workspace, environment, target, signal);
  refuseLocked(before, target.target);
  const { said, asked } = await runAsking(kit, run, terminal).catch(async (error: unknown) => {
    throw sayWhatIsLeft(error, before, await look(workspace, environment, target), environment.name);
  });
  const after = await look(workspace, environment, target);
  refuseLost(before, after, environment.name);
  const changed = compareSchemas(before.schema, after.schema);
  if (changed.length === 0 && !asked && !/no changes detected/i.test(said.text))
    throw kitFailure('push', said, { root: workspace.project.root });
  return {
    environment: environment.name,
    database: target.database.name,
    tool: `drizzle-kit ${kit.tool.version}`,
    changed: changed.map(({ type, name, change }) => ({ type, name, change })),
  };
}

async function runAsking(kit: Kit, run: Parameters<Kit['run']>[0], terminal: WantedPush['terminal']) {
  const said = await kit.run(run);
  const asked = kitProblem(said.text).kind === 'asks' && terminal === 'ours';
  return { said: asked ? await kit.run({ ...run, terminal }) : said, asked };
}

/** drizzle-kit runs its statements one by one: an interruption may have come between two. */
function sayWhatIsLeft(error: unknown, before: Seen, after: Seen, environment: string): unknown {
  const changed = compareSchemas(before.schema, after.schema);
  if (!(error instanceof MigrateError) || error.code !== 'interrupted') return error;
  if (changed.length === 0) {
    return new MigrateError('interrupted', 'Interrupted. The schema is as it was.', { cause: error });
  }
  return new MigrateError(
    'stopped-part-way',
    `Interrupted while drizzle-kit changed ${environment}: ${changed.map(({ name }) => name).join(', ')} may be changed in part.`,
    { next: `Run migrate-tui push ${environment} --yes again; it goes on from what is there.`, cause: error },
  );
}

function refuseProtected({ name, protected: isProtected, readOnly }: Environment): void {
  if (!isProtected && !readOnly) return;
  const why = isProtected ? 'protected' : 'read-only by the config';
  throw new MigrateError(
    'protected',
    `${name} is ${why}: push changes a schema without a migration, a backup and a rehearsal. Nothing was changed.`,
    { next: `Run migrate-tui generate, then migrate-tui deploy ${name}.` },
  );
}

function refuseUnagreed({ environment, consent }: WantedPush, { database }: TargetDatabase): void {
  if (consent === 'given') return;
  throw new MigrateError(
    'not-confirmed',
    `drizzle-kit would change ${database.name} of ${environment} to what the schema says, without a migration or a backup. Nobody agreed to that yet, and nothing was changed.`,
    {
      next: `migrate-tui backup ${environment} keeps the present state. Then run: migrate-tui push ${environment} --database ${database.name} --yes`,
    },
  );
}

function refuseLocked({ lock }: Seen, { environment, database }: TargetDatabase['target']): void {
  if (lock?.state !== 'live' || isDead(lock)) return;
  throw new MigrateError(
    'locked',
    `${database} of ${environment} is locked by run ${lock.run ?? ''} of ${lock.by} on ${lock.host}. Nothing was changed.`,
    { next: `Wait until it ends: migrate-tui status ${environment} shows it.` },
  );
}

interface Seen {
  readonly schema: Schema;
  /** Tables of records and of the lock. */
  readonly records: readonly string[];
  readonly lock: Lease | undefined;
}

async function look(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  signal?: AbortSignal,
): Promise<Seen> {
  await using engine = await workspace.open(target.target, environment, {
    purpose: 'question',
    ifMissing: 'refuse',
    ...(signal === undefined ? {} : { signal }),
  });
  const names = await engine?.query({
    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
  });
  const records = (names ?? [])
    .map(({ name }) => String(name))
    .filter((name) => name === target.database.table || /_migrat/.test(name))
    .filter((name) => name === target.database.table || isOurs(name));
  const lock = engine && (await currentLease(engine.query));
  return { schema: await schemaOfTarget(engine, target), records, lock };
}

function refuseLost(before: Seen, after: Seen, environment: string): void {
  const lost = before.records.filter((name) => !after.records.includes(name));
  if (lost.length === 0) return;
  throw new MigrateError(
    'stopped-part-way',
    `drizzle-kit pushed to ${environment} and dropped ${lost.join(', ')} with it.`,
    {
      next: `Keep such tables from it with tablesFilter in the Drizzle configuration. migrate-tui baseline ${environment} writes the records again.`,
    },
  );
}
