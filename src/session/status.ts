import type { Engine } from '../engines/engine.ts';
import { MigrateError } from '../lib/errors.ts';
import { portablePath } from '../lib/portable-path.ts';
import { stopped } from '../lib/sentences.ts';
import type { History } from '../operations/history/history.ts';
import type {
  StatusDatabase,
  StatusDrift,
  StatusEnvironment,
  StatusOpening,
  StatusReport,
  StatusTarget,
} from '../operations/reports.ts';
import type { Environment } from '../project/project.ts';
import { readSnapshot } from '../runs/snapshot.ts';
import { isChangedElsewhere } from './prepare/changed-elsewhere.ts';
import { describeTarget } from './target/describe-target.ts';
import { gitState } from './files/git.ts';
import { type Knowledge, knownHashes, knowledgeAtHand, summarise } from './knowledge.ts';
import { noteDrift } from './target/note-drift.ts';
import { asKnown } from './refusal.ts';
import { shownAddress } from './target/shown-address.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

export interface StatusOptions {
  readonly databases?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Also compares each schema with what its applied migrations give, and remembers what that found. */
  readonly drift?: 'wanted' | undefined;
}

/** Everything that is known before a database is asked. */
export async function openingOf(workspace: Workspace): Promise<StatusOpening> {
  const { project } = workspace;
  const knowledge = await knowledgeAtHand(workspace);
  return {
    schemaVersion: 1,
    kind: 'status-opening',
    project: project.name,
    root: project.root,
    branch: (await gitState(project.root)).branch,
    configFile: project.configFile,
    sources: project.sources,
    notes: [...project.notes, ...workspace.notices],
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
    ...(project.theme && { theme: project.theme }),
  };
}

/** One report per environment, in the order in which they answer; a slow one holds no other up. */
export async function* statusesOf(
  workspace: Workspace,
  names: readonly string[],
  options: StatusOptions = {},
): AsyncGenerator<StatusReport> {
  const environments = environmentsNamed(workspace, names);
  const databases = await databasesOf(workspace);
  const knowledge = await knowledgeAtHand(workspace);
  const drift = options.drift === 'wanted' ? await comparing(workspace, options.signal) : undefined;
  const asked = { ...options, knowledge, drift };
  const answers = new Map(
    environments.map((environment) => [environment.name, environmentStatus(workspace, environment, asked)]),
  );
  while (answers.size > 0) {
    const answered = await Promise.race(answers.values());
    answers.delete(answered.name);
    await noteDriftIn(workspace, answered);
    yield { schemaVersion: 1, kind: 'status', databases, environments: [answered] };
  }
}

/** Loaded only where it is asked for: a plain status compares nothing. */
async function comparing(workspace: Workspace, signal: AbortSignal | undefined): Promise<CompareTarget> {
  const [{ driftOfTarget }, { replaysOnce }] = await Promise.all([
    import('./target/drift-of-target.ts'),
    import('./target/replays.ts'),
  ]);
  const replays = replaysOnce(signal);
  return async (target, engine, history) => {
    // One that does not exist yet has neither objects nor applied migrations.
    if (!engine) return { state: 'equal', objects: 0, ignored: 0 };
    const found = await driftOfTarget(workspace, { target, engine, history, replays });
    if (found.kind === 'not-replayed') return { state: 'not-replayed', why: found.why };
    const { objects, ignored } = found;
    return { state: objects === 0 ? 'equal' : 'differs', objects, ignored };
  };
}

/** One after the other: the ledger is one file. */
async function noteDriftIn(workspace: Workspace, { name, targets }: StatusEnvironment): Promise<void> {
  for (const { database, drift } of targets) {
    if (drift === undefined || drift.state === 'not-replayed') continue;
    await noteDrift(workspace, { environment: name, database, result: drift.state });
  }
}

/** All of them as one document, in promotion order. */
export async function statusOf(
  workspace: Workspace,
  names: readonly string[],
  options: StatusOptions = {},
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

interface Asked extends Pick<StatusOptions, 'databases' | 'signal'> {
  readonly knowledge: Knowledge;
  /** Undefined: schemas are not compared. */
  readonly drift: CompareTarget | undefined;
}

type CompareTarget = (
  target: TargetDatabase,
  engine: Engine | undefined,
  history: History,
) => Promise<StatusDrift>;

async function environmentStatus(
  workspace: Workspace,
  environment: Environment,
  asked: Asked,
): Promise<StatusEnvironment> {
  const targets = workspace
    .targetsOf(environment, undefined)
    .filter(({ database }) => asked.databases === undefined || asked.databases.includes(database.name));
  return {
    name: environment.name,
    protected: environment.protected,
    readOnly: environment.readOnly,
    ...(isChangedElsewhere(environment, workspace.options.env) ? { changesFrom: 'ci' } : {}),
    targets: await Promise.all(targets.map((target) => targetStatus(workspace, environment, target, asked))),
  };
}

async function targetStatus(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  { knowledge, signal, drift: compare }: Asked,
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
    const drift = await compare?.({ database, target }, held, snapshot.history);
    return { ...common, ...describeTarget(snapshot, environment, database.name, { knowledge, drift }) };
  } catch (thrown) {
    const error = asKnown(thrown, location);
    if (!(error instanceof MigrateError)) throw error;
    return { ...common, ...unreachableTarget(error) };
  }
}

function unreachableTarget({
  code,
  message,
  next,
}: MigrateError): Omit<StatusTarget, 'database' | 'engine' | 'location'> {
  return {
    state: ['unreachable'],
    error: { code, message: stopped(message), next },
    applied: 0,
    pending: 0,
    items: [],
    says: [stopped(message)],
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
        directory: portablePath(workspace.project.root, folder.directory) || '.',
        migrations: folder.migrations.map(({ tag, hash, statements, rollback }) => ({
          tag,
          hash,
          statements: statements.length,
          ...(rollback && { rollback: rollback.statements.length }),
        })),
        notes: folder.notes.map(
          ({ file, message }) => `${portablePath(workspace.project.root, file)}: ${message}`,
        ),
      };
    }),
  );
}
