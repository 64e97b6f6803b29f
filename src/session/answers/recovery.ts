import type { Migration } from '../../migrations/migration.ts';
import { findMigration, named } from '../../operations/history/find-migration.ts';
import type { RecoverableCase } from '../../operations/recovery.ts';
import type { Question } from '../../operations/questions.ts';
import type { RecoveryCase, RecoveryReport, RecoveryTarget } from '../../operations/reports.ts';
import { lastWritten } from '../../engines/file-stamp.ts';
import type { Engine } from '../../engines/engine.ts';
import { commandLine } from '../../lib/command-line.ts';
import { stopped } from '../../lib/sentences.ts';
import { keepYoungGenerationAsItIs } from '../../lib/young-generation.ts';
import type { Project } from '../../project/project.ts';
import { recoverableIn } from '../unfinished/recoverable.ts';
import { readTarget } from '../prepare/read-target.ts';
import { shownAddress } from '../target/shown-address.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

/** What is unfinished or contradicts itself in an environment, and the ways out. Only reads; needs no ledger. */
export async function answerRecovery(
  workspace: Workspace,
  { environment: name, databases, only }: Extract<Question, { kind: 'recovery' }>,
  signal: AbortSignal = new AbortController().signal,
): Promise<RecoveryReport> {
  // Replaying a long history is garbage nearly all of it: a third of the memory was for letting it lie.
  keepYoungGenerationAsItIs();
  const environment = workspace.environment(name);
  const cases: RecoveryCase[] = [];
  const targets: RecoveryTarget[] = [];
  const migrations: Migration[] = [];
  for (const target of workspace.targetsOf(environment, databases)) {
    const { run, snapshot } = await readTarget(workspace, environment, target, {
      signal,
      purpose: 'question',
      whenLocked: 'go-on',
    });
    migrations.push(...run.migrations);
    await using engine = run.engine;
    if (!engine) continue;
    const found = await recoverableIn(workspace, environment, target, { engine, snapshot, signal });
    cases.push(...found.map(({ shown }) => shown));
    const lead = snapshot.entries.length === 0 ? leadOf(found, name, workspace.project) : undefined;
    targets.push({ ...lookedAt(target, workspace.project.root, engine), ...(lead && { lead }) });
  }
  const report = { schemaVersion: 1, kind: 'recovery', environment: name, targets, cases } as const;
  return only === undefined ? report : narrowed(report, only, migrations);
}

function lookedAt(
  { database, target: { address } }: TargetDatabase,
  root: string,
  { remark }: Pick<Engine, 'remark'>,
): RecoveryTarget {
  const changedAt = 'path' in address ? lastWritten(address.path) : undefined;
  const said = remark?.();
  return {
    database: database.name,
    location: shownAddress(address, root),
    ...(changedAt && { changedAt: changedAt.toISOString() }),
    ...(said !== undefined && { remark: stopped(said) }),
  };
}

/** Of a database without records: as where `push`, a person or a dump made it, or the table was lost. */
function leadOf(
  found: readonly RecoverableCase[],
  environment: string,
  { databases }: Pick<Project, 'databases'>,
): string | undefined {
  const whole = found.find(({ shown }) => shown.situation === 'unrecorded');
  if (!whole) return undefined;
  const words = [
    'baseline',
    environment,
    ...(databases.length > 1 ? ['--database', whole.shown.database] : []),
  ];
  return `No migration is recorded here: ${commandLine(words)} finds the place of the history that the schema is, and records all up to it at once.`;
}

/** @throws MigrateError `not-found` where neither a case nor a file has that name */
function narrowed(report: RecoveryReport, tag: string, migrations: readonly Migration[]): RecoveryReport {
  const cases = named(report.cases, tag);
  if (cases.length === 0 && named(migrations, tag).length === 0) findMigration(migrations, tag);
  return { ...report, only: { tag, others: report.cases.length - cases.length }, cases };
}
