import { resolve } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { changeCommand } from '../../operations/change-command.ts';
import { driftCauses, type Suspect } from '../../operations/drift/causes.ts';
import { driftOf, withAllowed } from '../../operations/drift/drift.ts';
import type { HistoryItem } from '../../operations/history/history.ts';
import type { DriftBase, Question } from '../../operations/questions.ts';
import type { DriftReport } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import type { RuleEngine } from '../../rules/rule.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import type { Schema } from '../../schema/schema.ts';
import { ignoreRules } from '../target/ignore-rules.ts';
import { noteDrift } from '../target/note-drift.ts';
import { ruleEngineOf } from '../prepare/prepare.ts';
import { severitiesOf } from '../rule-grounds.ts';
import { mayTake } from '../prepare/resync.ts';
import { readTarget } from '../prepare/read-target.ts';
import { schemaOfFile, schemaOfMigrations, schemaOfTarget } from '../target/schema-of.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';
import { draftOf } from './draft-of.ts';

type DriftQuestion = Extract<Question, { kind: 'drift' }>;

/** What differs in an environment from its migrations, another environment, a file or a backup. Writes to no target. */
export async function answerDrift(
  workspace: Workspace,
  { environment: name, databases, than, draft }: DriftQuestion,
  signal: AbortSignal | undefined,
): Promise<DriftReport> {
  const environment = workspace.environment(name);
  const targets = workspace.targetsOf(environment, databases);
  refuseOneFileForSeveral(than, targets, name);
  const found: Compared[] = [];
  for (const target of targets) found.push(await compared(workspace, environment, { target, than, signal }));
  const objects = found.flatMap((each) => each.drift.objects);
  return {
    schemaVersion: 1,
    kind: 'drift',
    equal: objects.length === 0,
    left: nameOf(than, name),
    right: name,
    environment: name,
    databases: found.map(({ database, left, right, drift }) => ({
      database,
      left: fingerprint(left),
      right: fingerprint(right),
      same: drift.same,
    })),
    objects,
    ignored: found.flatMap((each) => each.drift.ignored),
    ...(objects.length > 0 && resyncOf(workspace, environment, { than, databases })),
    ...(draft && { draft: found.map((each) => drafted(workspace, name, each)) }),
  };
}

/** What would make the environment equal, without what the project lets differ. */
function drafted(
  { project }: Workspace,
  environment: string,
  { database, engine, left, right, drift }: Compared,
): NonNullable<DriftReport['draft']>[number] {
  const to = withAllowed(left, right, drift.ignored);
  const severities = severitiesOf(project);
  return { database, statements: draftOf({ severities, database, environment, engine, from: right, to }) };
}

/** A database that may be thrown away need not be brought to another one step by step: it can take what that has. */
function resyncOf(
  workspace: Workspace,
  environment: Environment,
  { than, databases }: Pick<DriftQuestion, 'than' | 'databases'>,
): Pick<DriftReport, 'resync'> {
  if (than.kind !== 'environment') return {};
  const wanted = { from: than.name, databases };
  if (!mayTake(workspace, environment, wanted)) return {};
  return { resync: changeCommand({ kind: 'resync', environment: environment.name, ...wanted, exclude: [] }) };
}

interface Compared {
  readonly database: string;
  readonly engine: RuleEngine;
  readonly left: Schema;
  readonly right: Schema;
  readonly drift: ReturnType<typeof driftOf>;
}

interface Comparison {
  readonly target: TargetDatabase;
  readonly than: DriftBase;
  readonly signal: AbortSignal | undefined;
}

async function compared(
  workspace: Workspace,
  environment: Environment,
  { target, than, signal }: Comparison,
): Promise<Compared> {
  const here = await seen(workspace, environment, target, signal);
  const left = await leftOf(workspace, environment, { target, than, signal }, here);
  const drift = driftOf({
    database: target.database.name,
    left: left.schema,
    right: here.schema,
    ignore: ignoreRules(workspace.project),
    causeOf: driftCauses(left.suspects, than.kind === 'migrations' ? 'with-its-migrations' : 'of-two-places'),
  });
  if (than.kind === 'migrations') {
    const result = drift.objects.length === 0 ? 'equal' : 'differs';
    await noteDrift(workspace, { environment: environment.name, database: target.database.name, result });
  }
  const engine = ruleEngineOf(target.target.address);
  return { database: target.database.name, engine, left: left.schema, right: here.schema, drift };
}

interface Seen {
  readonly schema: Schema;
  readonly items: readonly HistoryItem[];
}

async function seen(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  signal: AbortSignal = new AbortController().signal,
): Promise<Seen> {
  const { run, snapshot } = await readTarget(workspace, environment, target, {
    signal,
    purpose: 'question',
    whenLocked: 'go-on',
  });
  await using engine = run.engine;
  return { schema: await schemaOfTarget(engine, target), items: snapshot.history.items };
}

/** What it is compared with, and the migrations that only one of the two has. */
async function leftOf(
  workspace: Workspace,
  environment: Environment,
  { target, than, signal }: Comparison,
  { items }: Seen,
): Promise<{ readonly schema: Schema; readonly suspects: readonly Suspect[] }> {
  switch (than.kind) {
    case 'migrations':
      return {
        schema: await schemaOfMigrations(items.flatMap(migrationThatRan), target, signal),
        suspects: items.flatMap((item) => notRun(item, environment.name)),
      };
    case 'environment': {
      const other = workspace.environment(than.name);
      const [there] = workspace.targetsOf(other, [target.database.name]);
      if (!there) throw new Error('A target that was asked for is there or an error.');
      const found = await seen(workspace, other, there, signal);
      return {
        schema: found.schema,
        suspects: onlyIn({ items, name: environment.name }, { items: found.items, name: other.name }),
      };
    }
    case 'file':
      return {
        schema: await schemaOfFile(workspace, environment.name, { wanted: than.file, of: target, signal }),
        suspects: [],
      };
  }
}

function migrationThatRan(item: HistoryItem) {
  return item.kind === 'applied' || item.kind === 'changed' ? [item.migration] : [];
}

/** One that has no record may be there all the same, in part or whole. */
function notRun(item: HistoryItem, environment: string): readonly Suspect[] {
  switch (item.kind) {
    case 'half':
      return [{ migration: item.migration, says: `is half-finished in ${environment}` }];
    case 'unrecorded':
      return [{ migration: item.migration, says: `is in ${environment} without a record` }];
    case 'changed':
      return [{ migration: item.migration, says: 'was edited after it was applied' }];
    case 'pending':
    case 'skipped':
      return [
        {
          migration: item.migration,
          says: `makes it and has no record in ${environment}: it ran without one, or somebody else made it`,
          explains: 'what-it-makes',
        },
      ];
    default:
      return [];
  }
}

interface Side {
  readonly name: string;
  readonly items: readonly HistoryItem[];
}

function onlyIn(one: Side, other: Side): readonly Suspect[] {
  const ran = ({ items }: Side) => new Set(items.flatMap(migrationThatRan).map(({ tag }) => tag));
  const [here, there] = [ran(one), ran(other)];
  return one.items.flatMap((item): readonly Suspect[] => {
    if (!('migration' in item) || here.has(item.migration.tag) === there.has(item.migration.tag)) return [];
    const [has, lacks] = here.has(item.migration.tag) ? [one.name, other.name] : [other.name, one.name];
    return [{ migration: item.migration, says: `is applied in ${has} and not in ${lacks}` }];
  });
}

function nameOf(than: DriftBase, environment: string): string {
  switch (than.kind) {
    case 'migrations':
      return `the migrations of ${environment}`;
    case 'environment':
      return than.name;
    case 'file':
      return than.file;
  }
}

function refuseOneFileForSeveral(
  than: DriftBase,
  targets: readonly TargetDatabase[],
  environment: string,
): void {
  if (than.kind !== 'file' || targets.length < 2 || /^b\d+$/.test(than.file)) return;
  const names = targets.map(({ database }) => database.name);
  throw new MigrateError(
    'usage',
    `${environment} has ${targets.length} databases; ${resolve(than.file)} is about one of them.`,
    { next: `Add --database ${names.join(' or --database ')}.` },
  );
}
