import { portablePath } from '../../lib/portable-path.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { findMigration, named } from '../../operations/history/find-migration.ts';
import type { Question } from '../../operations/questions.ts';
import type { Finding, MigrationReport, StatusReport } from '../../operations/reports.ts';
import type { Database } from '../../project/project.ts';
import { lintFindings, type LintInput } from '../../operations/lint.ts';
import { knowledgeAtHand, unitOf, type Knowledge } from '../knowledge.ts';
import { replay } from '../../runs/replay/replay.ts';
import { groundsOf, severitiesOf } from '../rule-grounds.ts';
import { statusOf } from '../status.ts';
import type { Workspace } from '../workspace.ts';
import { answerKeepChildren } from './keep-children.ts';

/** One migration: its statements, companions, findings, and where it is applied since when. */
export async function answerMigration(
  workspace: Workspace,
  { tag, database: wanted, keepChildren }: Extract<Question, { kind: 'migration' }>,
  signal: AbortSignal = new AbortController().signal,
): Promise<MigrationReport> {
  const { database, migration, before } = await find(workspace, tag, wanted);
  const status = await statusOf(workspace, [], { databases: [database.name], signal });
  const knowledge = await knowledgeAtHand(workspace);
  const environments = whereApplied(status, knowledge, database.name, migration.tag);
  const rewriting =
    keepChildren === undefined
      ? {}
      : await answerKeepChildren(workspace, { database, migration }, { name: keepChildren, signal });
  return {
    schemaVersion: 1,
    kind: 'migration',
    database: database.name,
    tag: migration.tag,
    hash: migration.hash,
    file: portablePath(workspace.project.root, migration.file),
    statements: migration.statements.map(({ sql, line }, index) => ({ number: index + 1, line, sql })),
    companions: {
      ...(migration.rollback
        ? { rollback: portablePath(workspace.project.root, migration.rollback.file) }
        : {}),
      ...(migration.verify ? { verify: portablePath(workspace.project.root, migration.verify.file) } : {}),
    },
    findings: await findingsOf(workspace, { database, migration, before }, environments),
    environments,
    ...rewriting,
  };
}

interface Place {
  readonly database: Database;
  readonly migration: Migration;
  readonly before: readonly Migration[];
}

async function find(workspace: Workspace, tag: string, wanted: string | undefined): Promise<Place> {
  const databases = workspace.project.databases.filter(({ name }) => wanted === undefined || name === wanted);
  const places: Place[] = [];
  const all: Migration[] = [];
  for (const database of databases) {
    const { migrations } = await workspace.folderOf(database);
    all.push(...migrations);
    for (const migration of named(migrations, tag)) {
      places.push({ database, migration, before: migrations.slice(0, migrations.indexOf(migration)) });
    }
  }
  const [place, ...others] = places;
  if (place && others.length === 0) return place;
  if (place && new Set(places.map(({ database }) => database.name)).size > 1) {
    throw new MigrateError('usage', `More than one database has a migration ${tag}.`, {
      next: `Add --database ${places.map(({ database }) => database.name).join(' or --database ')}.`,
    });
  }
  // Unknown or ambiguous within a folder: the search itself says so, with the candidates.
  findMigration(all, tag);
  throw new MigrateError('not-found', `The project has no migration ${tag}.`, {
    next: 'migrate-tui status lists them.',
  });
}

/**
 * Judged against the schema that its predecessors leave, without asking any database, on every engine that it runs on
 * in this project; messages name the first environment that is still to run it.
 */
async function findingsOf(
  workspace: Workspace,
  { database, migration, before }: Place,
  applied: MigrationReport['environments'],
): Promise<readonly Finding[]> {
  const open = applied.flatMap(({ environment, state }) =>
    state === 'pending' || state === 'skipped' ? [environment] : [],
  );
  const found = lintFindings({
    database: database.name,
    migrations: [migration],
    ...(await leftBy(before, database)),
    severities: severitiesOf(workspace.project),
    grounds: groundsOf(workspace.project, database).map((ground) => ({
      ...ground,
      named: ground.environments.find((environment) => open.includes(environment)),
    })),
  });
  return found.map(({ finding }) => finding);
}

/** A PostgreSQL of its own takes seconds to start; of its schema the texts tell the rules enough. */
async function leftBy(
  before: readonly Migration[],
  { dialect, table }: Database,
): Promise<Pick<LintInput, 'schema' | 'foreignKeys' | 'since'>> {
  const nothing = { schema: { objects: [] }, foreignKeys: [] };
  if (dialect === 'postgres') return { ...nothing, since: before.flatMap(({ statements }) => statements) };
  const replayed = await replay(before, { dialect, bookkeeping: table });
  return replayed.kind === 'schema' ? replayed : nothing;
}

/** Per environment the item's state, with the time and how long it took where that is known. */
export function whereApplied(
  { environments }: StatusReport,
  knowledge: Knowledge,
  database: string,
  tag: string,
): MigrationReport['environments'] {
  return environments.flatMap(({ name, targets }): MigrationReport['environments'] => {
    const target = targets.find((one) => one.database === database);
    if (!target) return [];
    if (target.state.includes('unreachable')) return [{ environment: name, state: 'unreachable' }];
    const item = target.items.find((one) => one.tag === tag);
    const took = unitOf(knowledge, { environment: name, database, tag })?.took;
    return [
      {
        environment: name,
        state: item?.state ?? 'pending',
        ...(item?.appliedAt === undefined ? {} : { appliedAt: item.appliedAt }),
        ...(took === null || took === undefined ? {} : { took }),
      },
    ];
  });
}
