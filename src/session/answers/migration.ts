import { relative } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { findMigration, named } from '../../operations/find-migration.ts';
import type { Question } from '../../operations/questions.ts';
import type { Finding, MigrationReport, StatusReport } from '../../operations/reports.ts';
import type { Database } from '../../project/project.ts';
import type { RuleEngine } from '../../rules/rule.ts';
import { runRules } from '../../rules/run-rules.ts';
import { readKnowledge, unitOf, type Knowledge } from '../knowledge.ts';
import { replay } from '../../runs/replay.ts';
import { ruleEngineOf } from '../prepare.ts';
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
  const knowledge = await readKnowledge(workspace);
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
    file: relative(workspace.project.root, migration.file),
    statements: migration.statements.map(({ sql, line }, index) => ({ number: index + 1, line, sql })),
    companions: {
      ...(migration.rollback ? { rollback: relative(workspace.project.root, migration.rollback.file) } : {}),
      ...(migration.verify ? { verify: relative(workspace.project.root, migration.verify.file) } : {}),
    },
    findings: await findingsOf({ database, migration, before }, groundsOf(workspace, database, environments)),
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

/** An engine on which a migration runs, and the environment that a command would name. */
interface RuleGround {
  readonly engine: RuleEngine;
  /** Absent: none. */
  readonly environment?: string;
}

/**
 * The engines on which it runs somewhere in this project, each with the first environment that is still to run it;
 * a file, or a server of PostgreSQL's, where none of them can be told yet.
 */
function groundsOf(
  { project }: Workspace,
  { name, dialect }: Database,
  applied: MigrationReport['environments'],
): readonly RuleGround[] {
  const open = new Set(
    applied.flatMap(({ environment, state }) =>
      state === 'pending' || state === 'skipped' ? [environment] : [],
    ),
  );
  const all = project.environments.flatMap(({ name: environment, targets }) =>
    targets.flatMap(({ database, address }) =>
      database === name && address.kind !== 'unavailable'
        ? [{ engine: ruleEngineOf(address), environment }]
        : [],
    ),
  );
  if (all.length === 0) return [{ engine: dialect === 'postgres' ? 'postgres' : 'libsql-file' }];
  const byEngine = Map.groupBy(all, ({ engine }) => engine);
  return [...byEngine].map(([engine, grounds]) => ({
    engine,
    ...grounds.find(({ environment }) => open.has(environment)),
  }));
}

/**
 * Judged against the schema that its predecessors leave, without asking any database. What is said of a statement
 * on more than one engine is said once, in the gravest words.
 */
async function findingsOf(
  { database, migration, before }: Place,
  grounds: readonly RuleGround[],
): Promise<readonly Finding[]> {
  const leaves = await leftBy(before, database);
  const found = grounds.flatMap((ground) =>
    runRules({
      database: database.name,
      migrations: [migration],
      ...leaves,
      ...ground,
    }),
  );
  const gravest = found.toSorted((a, b) => gravity[a.severity] - gravity[b.severity]);
  const said = Map.groupBy(gravest, ({ rule, statement }) => `${statement} ${rule}`);
  return [...said.values()]
    .flatMap(([first]) => (first === undefined ? [] : [first]))
    .toSorted((a, b) => a.statement - b.statement);
}

/** A PostgreSQL of its own takes seconds to start; of its schema the texts tell the rules enough. */
async function leftBy(
  before: readonly Migration[],
  { dialect, table }: Database,
): Promise<Pick<Parameters<typeof runRules>[0], 'schema' | 'foreignKeys' | 'since'>> {
  const nothing = { schema: { objects: [] }, foreignKeys: [] };
  if (dialect === 'postgres') return { ...nothing, since: before.flatMap(({ statements }) => statements) };
  const replayed = await replay(before, { dialect, bookkeeping: table });
  return replayed.kind === 'schema' ? replayed : nothing;
}

const gravity = { error: 0, warning: 1, info: 2 } as const;

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
