import { stat } from 'node:fs/promises';
import { MigrateError } from '../../lib/errors.ts';
import { stopped } from '../../lib/sentences.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Question } from '../../operations/questions.ts';
import { plannedParts } from '../../operations/plan/planned-parts.ts';
import type { PlannedMigration, PlanReport, StatusReport } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import { fileOf } from '../../runs/backups/copies.ts';
import { enforcementFor } from '../../runs/unit/enforcement.ts';
import { copiedRows } from '../prepare/copied-rows.ts';
import { knowledgeAtHand, type Knowledge } from '../knowledge.ts';
import { readPlanFile, type PlanFile } from '../prepare/plan-file.ts';
import { dispose, prepare, type Prepared } from '../prepare/prepare.ts';
import { prepareFromPlan } from '../prepare/from-plan.ts';
import { reviewOf } from '../review.ts';
import { shownAddress } from '../target/shown-address.ts';
import { statusOf } from '../status.ts';
import { isStepwise } from '../../sql/postgres/stepwise.ts';
import type { Workspace } from '../workspace.ts';
import { whereApplied } from './migration.ts';

type PlanQuestion = Extract<Question, { kind: 'plan' }>;

/** What a deploy would do as things stand, with the evidence of a rehearsed plan when one is named. Only reads. */
export async function answerPlan(
  workspace: Workspace,
  question: PlanQuestion,
  signal: AbortSignal = new AbortController().signal,
): Promise<PlanReport> {
  const environment = workspace.environment(question.environment);
  const rehearsed = question.planFile === undefined ? undefined : await readPlanFile(question.planFile);
  const found = await prepared(workspace, environment, question, signal);
  if (found.kind === 'refused') return refusedPlan(environment, found.error, rehearsed);
  try {
    const status = await statusOf(workspace, [], { signal });
    const knowledge = await knowledgeAtHand(workspace);
    const { findings, hash } = reviewOf(environment, found.prepared, { root: workspace.project.root });
    const copiesRows = await copiedRows(workspace, environment, found.prepared);
    return {
      schemaVersion: 1,
      kind: 'plan',
      environment: environment.name,
      protected: environment.protected,
      rehearse: environment.rehearse,
      databases: await Promise.all(
        found.prepared.map((one) => databaseOf(one, { workspace, environment, status, knowledge })),
      ),
      findings,
      refusals: [],
      warnings: found.prepared.flatMap(({ warnings }) => warnings),
      ...(copiesRows ? { copiesRows } : {}),
      ...(rehearsed ? { evidence: rehearsed.evidence, hash, rehearsedAt: rehearsed.rehearsedAt } : {}),
    };
  } finally {
    await dispose(found.prepared);
  }
}

type Found =
  | { readonly kind: 'prepared'; readonly prepared: readonly Prepared[] }
  | { readonly kind: 'refused'; readonly error: MigrateError };

/** A refusal is an answer here: the screen shows it in place of the plan. */
async function prepared(
  workspace: Workspace,
  environment: Environment,
  question: PlanQuestion,
  signal: AbortSignal,
): Promise<Found> {
  try {
    return {
      kind: 'prepared',
      prepared:
        question.planFile === undefined
          ? await prepare(workspace, environment, {
              selection: question.selection,
              signal,
              purpose: 'question',
            })
          : await prepareFromPlan(workspace, environment, {
              file: question.planFile,
              signal,
              purpose: 'question',
            }),
    };
  } catch (error) {
    if (error instanceof MigrateError && error.exitCode === 4) return { kind: 'refused', error };
    throw error;
  }
}

function refusedPlan(
  environment: Environment,
  { code, message, next }: MigrateError,
  rehearsed: PlanFile | undefined,
): PlanReport {
  return {
    schemaVersion: 1,
    kind: 'plan',
    environment: environment.name,
    protected: environment.protected,
    rehearse: environment.rehearse,
    databases: [],
    findings: [],
    refusals: [{ code, message: stopped(message), next }],
    warnings: [],
    ...(rehearsed ? { evidence: rehearsed.evidence, rehearsedAt: rehearsed.rehearsedAt } : {}),
  };
}

interface Around {
  readonly workspace: Workspace;
  readonly environment: Environment;
  readonly status: StatusReport;
  readonly knowledge: Knowledge;
}

async function databaseOf(one: Prepared, around: Around): Promise<PlanReport['databases'][number]> {
  const { run, selected, waiting } = one;
  const { address } = run.target;
  const file = fileOf(address);
  return {
    database: run.database.name,
    engine: address.kind,
    location: shownAddress(address, around.workspace.project.root),
    exists: run.engine !== undefined,
    size: file !== undefined && run.engine ? (await stat(file)).size : undefined,
    migrations: await Promise.all(selected.map((migration) => plannedMigration(migration, one, around))),
    waiting,
  };
}

async function plannedMigration(
  migration: Migration,
  { run }: Prepared,
  { environment, status, knowledge }: Around,
): Promise<PlannedMigration> {
  const elsewhere = whereApplied(status, knowledge, run.database.name, migration.tag).filter(
    (place) =>
      place.environment !== environment.name && (place.state === 'applied' || place.state === 'changed'),
  );
  return {
    tag: migration.tag,
    hash: migration.hash,
    statements: migration.statements.length,
    foreignKeys: run.engine ? (await enforcementFor(run.engine, migration)).foreignKeys : 'on',
    ...(isStepwise(migration.statements) && { steps: plannedParts(migration) }),
    elsewhere: elsewhere.map(({ environment: name, appliedAt, took }) => ({
      environment: name,
      ...(appliedAt === undefined ? {} : { at: appliedAt }),
      ...(took === undefined ? {} : { took }),
    })),
  };
}
