import { relative } from 'node:path';
import type { Lease } from '../bookkeeping/lease.ts';
import type { Unfinished } from '../bookkeeping/unfinished.ts';
import { MigrateError } from '../lib/errors.ts';
import { quantity } from '../lib/numbers.ts';
import { halfIn, sayUnderWay, sayWithoutFile } from '../operations/half-without-file.ts';
import { stoppedAt } from '../operations/stopped-at.ts';
import { tagOf, type History, type HistoryItem } from '../operations/history.ts';
import { isWithoutRecords } from '../operations/selection.ts';
import type {
  LockReport,
  StatusDatabase,
  StatusEnvironment,
  StatusItem,
  StatusOpening,
  StatusReport,
  StatusTarget,
  TargetState,
} from '../operations/reports.ts';
import { shownServer } from '../project/postgres-url.ts';
import type { Environment } from '../project/project.ts';
import { isDead } from '../runs/lock.ts';
import { readSnapshot, type Snapshot } from '../runs/snapshot.ts';
import { gitState } from './git.ts';
import { type Knowledge, knownHashes, readKnowledge, summarise, unitOf } from './knowledge.ts';
import { whatRunsLeft } from './left-by-runs.ts';
import { asKnown } from './refusal.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

/** Everything that is known before a database is asked. */
export async function openingOf(workspace: Workspace): Promise<StatusOpening> {
  const { project } = workspace;
  const knowledge = await readKnowledge(workspace);
  return {
    schemaVersion: 1,
    kind: 'status-opening',
    project: project.name,
    root: project.root,
    branch: (await gitState(project.root)).branch,
    configFile: project.configFile,
    sources: project.sources,
    notes: project.notes,
    databases: await databasesOf(workspace),
    environments: project.environments.map((environment) => ({
      name: environment.name,
      protected: environment.protected,
      readOnly: environment.readOnly,
      targets: workspace.targetsOf(environment, undefined).map(({ database, target }) => ({
        database: database.name,
        location: shownAddress(target.address, project.root),
      })),
    })),
    unfinished: knowledge.runs
      .filter(({ finishedAt }) => finishedAt === null)
      .map((run) => summarise(run, knowledge.units)),
  };
}

/** One report per environment, in the order in which they answer; a slow one holds no other up. */
export async function* statusesOf(
  workspace: Workspace,
  names: readonly string[],
  options: { readonly databases?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<StatusReport> {
  const environments = environmentsNamed(workspace, names);
  const databases = await databasesOf(workspace);
  const knowledge = await readKnowledge(workspace);
  const asked = new Map(
    environments.map((environment) => [
      environment.name,
      environmentStatus(workspace, environment, knowledge, options),
    ]),
  );
  while (asked.size > 0) {
    const answered = await Promise.race(asked.values());
    asked.delete(answered.name);
    yield { schemaVersion: 1, kind: 'status', databases, environments: [answered] };
  }
}

/** All of them as one document, in promotion order. */
export async function statusOf(
  workspace: Workspace,
  names: readonly string[],
  options: { readonly databases?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined },
): Promise<StatusReport> {
  const answered = new Map<string, StatusEnvironment>();
  for await (const { environments } of statusesOf(workspace, names, options)) {
    for (const environment of environments) answered.set(environment.name, environment);
  }
  return {
    schemaVersion: 1,
    kind: 'status',
    databases: await databasesOf(workspace),
    environments: environmentsNamed(workspace, names).flatMap(({ name }) => answered.get(name) ?? []),
  };
}

async function environmentStatus(
  workspace: Workspace,
  environment: Environment,
  knowledge: Knowledge,
  options: { readonly databases?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined },
): Promise<StatusEnvironment> {
  const targets = workspace
    .targetsOf(environment, undefined)
    .filter(({ database }) => options.databases === undefined || options.databases.includes(database.name));
  return {
    name: environment.name,
    protected: environment.protected,
    readOnly: environment.readOnly,
    targets: await Promise.all(
      targets.map((target) => targetStatus(workspace, environment, target, knowledge, options.signal)),
    ),
  };
}

async function targetStatus(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  knowledge: Knowledge,
  signal: AbortSignal | undefined,
): Promise<StatusTarget> {
  const location = shownAddress(target.address, workspace.project.root);
  const common = { database: database.name, engine: target.address.kind, location };
  const { migrations } = await workspace.folderOf(database);
  try {
    const engine = await workspace.open(target, environment, {
      purpose: 'question',
      ifMissing: 'refuse',
      reach: 'with-first-answer',
      ...(signal ? { signal } : {}),
    });
    await using held = engine;
    const snapshot = await readSnapshot(held, {
      migrations,
      bookkeeping: await workspace.bookkeepingOf(database),
      knownHashes: knownHashes(knowledge, { environment: environment.name, database: database.name }),
    });
    return { ...common, ...describe(snapshot, environment, database.name, knowledge) };
  } catch (thrown) {
    const error = asKnown(thrown, location);
    if (!(error instanceof MigrateError)) throw error;
    return { ...common, ...unreachableTarget(error) };
  }
}

function describe(
  { history, lease, beside }: Snapshot,
  environment: Environment,
  database: string,
  knowledge: Knowledge,
): Omit<StatusTarget, 'database' | 'engine' | 'location'> {
  const known = { environment: environment.name, database };
  const drift = knowledge.checks.find(
    (check) => check.environment === environment.name && check.database === database,
  );
  const hasDrifted = drift?.result === 'differs';
  return {
    state: statesOf(history, hasDrifted),
    ...(drift === undefined ? {} : { driftAskedAt: new Date(drift.askedAt).toISOString() }),
    applied: history.items.filter(isApplied).length,
    pending: history.items.filter(
      ({ kind }) => kind === 'pending' || kind === 'half' || kind === 'unrecorded',
    ).length,
    items: [
      ...history.items.map((item) =>
        itemOf(item, unitOf(knowledge, { ...known, tag: tagOf(item) })?.endedAt ?? undefined),
      ),
      ...(history.withoutFile ?? []).map(itemWithoutFile),
    ],
    ...(lease?.run === undefined ? {} : { lock: lockOf(lease, lease.run) }),
    says: [
      ...sayings(history, { environment: environment.name, running: runningIn(lease) }),
      ...(history.withoutFile ?? []).map((noted) =>
        noted.tag === runningIn(lease) ? sayUnderWay(noted) : sayWithoutFile(noted, environment.name),
      ),
      ...history.notes.map(({ message }) => `${message}.`),
      ...(history.renames || beside?.onlyOther.length
        ? [`migrate-tui recover ${environment.name} shows the way out.`]
        : []),
      ...whatRunsLeft(knowledge, { ...known, lease, isHalf: halfIn(history) !== undefined }),
    ],
  };
}

function statesOf(history: History, hasDrifted: boolean): readonly TargetState[] {
  const states: TargetState[] = [];
  const { items } = history;
  if (halfIn(history) !== undefined) states.push('half-finished');
  if (hasDrifted) states.push('drifted');
  if (items.some(({ kind }) => kind === 'pending' || kind === 'skipped' || kind === 'unrecorded'))
    states.push('behind');
  return states.length === 0 ? ['current'] : states;
}

/** The migration that a run is in at this moment. */
function runningIn(lease: Lease | undefined): string | undefined {
  return lease?.state === 'live' && !isDead(lease) ? lease.tag : undefined;
}

function sayings(
  { items }: History,
  { environment, running }: { readonly environment: string; readonly running: string | undefined },
): readonly string[] {
  const says: string[] = [];
  for (const item of items) {
    if (item.kind === 'half' && item.migration.tag === running) {
      says.push(sayUnderWay({ tag: running, done: item.after, of: item.of }));
    } else if (item.kind === 'half') {
      says.push(
        `${item.migration.tag} ${stoppedAt(item)}: the ${item.seen === 'noted' ? 'database keeps a note of it' : 'schema shows it'}. migrate-tui recover ${environment} offers the ways out.`,
      );
    }
  }
  const count = (kind: HistoryItem['kind']) => items.filter((item) => item.kind === kind).length;
  if (count('skipped') > 0) {
    const [whose, them] = count('skipped') === 1 ? ['its', 'it'] : ['their', 'them'];
    says.push(
      `${quantity(count('skipped'), 'migration')} would silently never run: ${whose} journal time lies below the newest applied one. migrate-tui deploy ${environment} --out-of-order runs ${them}.`,
    );
  }
  if (count('changed') > 0) says.push(`${quantity(count('changed'), 'file')} edited after being applied.`);
  if (count('orphan') > 0) says.push(`${quantity(count('orphan'), 'record')} without a file.`);
  if (count('unrecorded') > 0)
    says.push(
      `${quantity(count('unrecorded'), 'migration')} in the schema without a record. ${isWithoutRecords({ items }) ? `None has one: migrate-tui baseline ${environment} finds the place of the history that the schema is` : `migrate-tui recover ${environment} proves it and offers to record`}.`,
    );
  return says;
}

function lockOf(lease: Lease, run: string): LockReport {
  return {
    held: lease.state === 'live' && !isDead(lease) ? 'live' : 'expired',
    run: run.split('.')[0] ?? run,
    by: lease.by,
    host: lease.host,
    since: new Date(lease.since).toISOString(),
    tag: lease.tag,
  };
}

function itemOf(item: HistoryItem, endedAt: number | undefined): StatusItem {
  const at = ('entry' in item ? item.entry.appliedAt : undefined) ?? endedAt;
  return {
    tag: tagOf(item),
    state: item.kind,
    ...(at === undefined || !('entry' in item) ? {} : { appliedAt: new Date(at).toISOString() }),
    ...(item.kind === 'half' ? { after: item.after, of: item.of } : {}),
    ...('migration' in item ? { hash: item.migration.hash } : {}),
  };
}

function itemWithoutFile({ tag, what, done, of }: Unfinished): StatusItem {
  return { tag, state: 'half', ...(what === 'run' && { after: done, of }) };
}

function isApplied({ kind }: HistoryItem): boolean {
  return kind === 'applied' || kind === 'changed';
}

function unreachableTarget({
  code,
  message,
  next,
}: MigrateError): Omit<StatusTarget, 'database' | 'engine' | 'location'> {
  return {
    state: ['unreachable'],
    error: { code, message, next },
    applied: 0,
    pending: 0,
    items: [],
    says: [message],
  };
}

function environmentsNamed(workspace: Workspace, names: readonly string[]): readonly Environment[] {
  const { environments } = workspace.project;
  if (names.length === 0) return environments;
  const wanted = names.map((name) => workspace.environment(name));
  return environments.filter((one) => wanted.includes(one));
}

async function databasesOf(workspace: Workspace): Promise<readonly StatusDatabase[]> {
  return Promise.all(
    workspace.project.databases.map(async (database) => {
      const folder = await workspace.folderOf(database);
      return {
        name: database.name,
        format: folder.format,
        bookkeeping: database.table,
        directory: relative(workspace.project.root, folder.directory) || '.',
        migrations: folder.migrations.map(({ tag, hash, statements }) => ({
          tag,
          hash,
          statements: statements.length,
        })),
        notes: folder.notes.map(
          ({ file, message }) => `${relative(workspace.project.root, file)}: ${message}`,
        ),
      };
    }),
  );
}

/** An address for people: a file relative to the project where that is shorter, a URL without credentials. */
export function shownAddress(address: TargetDatabase['target']['address'], root: string): string {
  switch (address.kind) {
    case 'libsql-file': {
      const path = relative(root, address.path);
      return path.startsWith('..') ? address.path : path;
    }
    case 'd1-local':
      return `local D1 ${address.name ?? shortId(address.id)}`;
    case 'd1-remote':
      return `D1 ${address.name ?? shortId(address.database)}`;
    case 'libsql-memory':
      return ':memory:';
    case 'libsql-remote': {
      const url = new URL(address.url);
      return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
    }
    case 'postgres':
      return shownServer(address);
    case 'pglite':
      return address.folder === undefined ? 'PGlite in memory' : relative(root, address.folder);
    case 'unavailable':
      return address.shown;
  }
}

/** The beginning of an id tells databases apart well enough; names are shown whole. */
function shortId(id: string): string {
  return /^[\da-f]{8}-[\da-f-]{27}$/i.test(id) ? `${id.slice(0, 8)}…` : id;
}
