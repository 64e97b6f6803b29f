import { hostname, userInfo } from 'node:os';
import type { Bookkeeping } from '../bookkeeping/bookkeeping.ts';
import { bookkeepingFor } from '../bookkeeping/bookkeeping-for.ts';
import type { Engine } from '../engines/engine.ts';
import { openEngine, type OpenOptions } from '../engines/open.ts';
import { usePgliteOf } from '../engines/postgres/pglite/root.ts';
import { traced } from '../engines/traced.ts';
import { MigrateError } from '../lib/errors.ts';
import { version } from '../lib/version.ts';
import type { MigrationFolder } from '../migrations/migration.ts';
import { readFolder } from '../migrations/read-folder.ts';
import type { BackupKey } from '../project/backup-keys.ts';
import type { Database, Environment, Project, Target } from '../project/project.ts';
import { readProject } from '../project/read-project.ts';
import type { Who } from '../runs/context.ts';
import { placesOf, type Places } from '../runs/places.ts';
import { gitHead } from './files/git.ts';
import { ledgerOpener, type LedgerOpener } from './ledger-opener.ts';
import { openTraceSink, type TraceSink } from './trace-sink.ts';
import type { SessionOptions } from './types.ts';

/** A project with what is needed to ask and to change its targets; folders are read once. */
export interface Workspace {
  readonly project: Project;
  readonly places: Places;
  /** What backups are encrypted with, and were; none: they are kept in the clear. */
  readonly backupKeys: readonly BackupKey[];
  readonly options: SessionOptions;
  readonly trace: TraceSink;
  /** What an answer could not take into account, as sentences; said with it. */
  readonly notices: Set<string>;
  folderOf(database: Database): Promise<MigrationFolder>;
  /** Not yet told the shape of a target's table. */
  bookkeepingOf(database: Database): Promise<Bookkeeping>;
  /** @throws MigrateError `not-found`, naming those there are */
  environment(name: string): Environment;
  /** The environment's databases in the project's order; all of them, or those named. */
  targetsOf(environment: Environment, databases: readonly string[] | undefined): readonly TargetDatabase[];
  /** Undefined when the database does not exist and is not to be made. */
  open(
    target: Target,
    environment: Environment,
    options: Omit<OpenOptions, 'timeouts'>,
  ): Promise<Engine | undefined>;
  readonly openLedger: LedgerOpener;
  who(): Promise<Who>;
}

export interface TargetDatabase {
  readonly database: Database;
  readonly target: Target;
}

/** Finds and reads the project; folders, ledger and databases are opened when they are asked for. */
export async function openWorkspace(options: SessionOptions): Promise<Workspace> {
  const { cwd, config, project: folder, env, unset } = options;
  const project = await readProject({ cwd, config, project: folder, env, unset });
  usePgliteOf(project.root);
  const places = placesOf({ root: project.root, ledger: project.ledger, backupsTo: project.backups.to }, env);
  const trace = openTraceSink(options.onTrace);
  const folderOf = foldersOf(project);
  return {
    project,
    places,
    backupKeys: project.backups.keys,
    options,
    trace,
    notices: new Set(),
    folderOf,
    bookkeepingOf: async (database) => {
      const { format, directory } = await folderOf(database);
      return bookkeepingFor({
        recordedBy: database.bookkeeping,
        format,
        directory,
        table: database.table,
        tableSchema: database.tableSchema,
        dialect: database.dialect,
      });
    },
    environment: (name) => findEnvironment(project, name),
    targetsOf: (environment, databases) => findTargets(project, environment, databases),
    open: (target, environment, how) => open(target, environment, { scratch: places.scratch, ...how }, trace),
    openLedger: ledgerOpener(places.ledger, 'waits'),
    who: async () => ({
      by: env['MIGRATE_TUI_USER'] ?? env['USER'] ?? userInfo().username,
      host: hostname(),
      version: version(),
      git: await gitHead(project.root),
    }),
  };
}

/** Each folder is read once. */
function foldersOf(project: Project): Workspace['folderOf'] {
  const folders = new Map<string, Promise<MigrationFolder>>();
  return (database) => {
    const known = folders.get(database.name) ?? readFolder(folderOptions(project, database));
    folders.set(database.name, known);
    return known;
  };
}

/** Files that another database of the same folder claims are not this one's. */
export function folderOptions(project: Project, database: Database) {
  const claimed = project.databases.filter(
    (other) => other.name !== database.name && other.directory === database.directory,
  );
  return {
    directory: database.directory,
    format: database.format,
    dialect: database.dialect,
    recordedBy: database.bookkeeping,
    pattern: database.pattern,
    only: database.only,
    except: database.only === undefined ? claimed.flatMap((other) => other.only ?? []) : [],
  };
}

async function open(
  target: Target,
  environment: Environment,
  how: Omit<OpenOptions, 'timeouts'>,
  trace: TraceSink,
): Promise<Engine | undefined> {
  const opened = await openEngine(target.address, { ...how, timeouts: environment.timeouts });
  return opened.kind === 'open'
    ? traced(opened.engine, trace.note, { environment: environment.name })
    : undefined;
}

function findEnvironment({ environments }: Project, name: string): Environment {
  const found = environments.find((environment) => environment.name === name);
  if (found) return found;
  const names = environments.map((environment) => environment.name);
  throw new MigrateError('not-found', `The project has no environment ${name}.`, {
    next:
      names.length === 0
        ? 'No environment was found at all: migrate-tui doctor says where it looked.'
        : `It has ${names.join(', ')}.`,
  });
}

function findTargets(
  { databases }: Project,
  { name, targets }: Environment,
  wanted: readonly string[] | undefined,
): readonly TargetDatabase[] {
  for (const database of wanted ?? []) {
    if (targets.some((target) => target.database === database)) continue;
    throw new MigrateError('not-found', `${name} has no database ${database}.`, {
      next: `It has ${targets.map((target) => target.database).join(', ')}.`,
    });
  }
  return databases.flatMap((database) => {
    const target = targets.find((one) => one.database === database.name);
    return target && (wanted === undefined || wanted.includes(database.name)) ? [{ database, target }] : [];
  });
}

/** The same for questions, which are answered without a ledger that cannot be read. */
export function forQuestions(workspace: Workspace): Workspace {
  return { ...workspace, openLedger: ledgerOpener(workspace.places.ledger, 'gives-up') };
}
