import { unreachable } from '../lib/unreachable.ts';
import type { RunEvent } from '../operations/events.ts';
import type { Question } from '../operations/questions.ts';
import type { Noticed, Report } from '../operations/reports.ts';
import { knowledgeAtHand, summarise } from './knowledge.ts';
import { asKnown } from './refusal.ts';
import { openingOf, statusesOf, statusOf } from './status.ts';
import type { Session, SessionOptions } from './types.ts';
import { forQuestions, openWorkspace, type Workspace } from './workspace.ts';

/**
 * Finds and reads the project. Asks no database yet.
 *
 * @throws MigrateError `config` or `not-found`
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const workspace = await openWorkspace(options);
  const asked = forQuestions(workspace);
  return {
    project: workspace.project,
    ask: (question, { signal } = {}) =>
      answer(asked, question, signal)
        .then((report) => ({ ...report, ...noticed(workspace) }))
        .catch((error: unknown) => {
          throw asKnown(error);
        }),
    opening: () => openingOf(asked),
    statuses: (environments, options = {}) => statusesOf(asked, environments, options),
    replaceFile: async (report) => (await import('./files/replace-file.ts')).replaceFile(workspace, report),
    makeMigration: async (wanted) =>
      (await import('./files/make-migration.ts')).makeMigration(workspace, wanted),
    makeRollback: async (wanted) =>
      (await import('./files/make-rollback.ts')).makeRollback(workspace, wanted),
    dropMigration: async (wanted) =>
      (await import('./files/drop-migration.ts')).dropMigration(workspace, wanted),
    decryptBackup: async (wanted) =>
      (await import('./files/decrypt-backup.ts')).decryptBackup(workspace, wanted),
    squash: async (request, { signal = new AbortController().signal, onProof = () => undefined } = {}) => {
      const { squash } = await import('./squash/squash.ts');
      return squash(workspace, request, { signal, onProof }).catch((error: unknown) => {
        throw asKnown(error);
      });
    },
    generate: async (wanted) => (await import('./kit/generate.ts')).generate(workspace, wanted),
    pull: async (wanted) => (await import('./kit/pull.ts')).pull(workspace, wanted),
    studio: async (wanted) => (await import('./kit/studio.ts')).studio(workspace, wanted),
    repair: async (wanted) => (await import('./repair/repair.ts')).repair(workspace, wanted),
    start: async (change, start) => (await import('./start.ts')).startChange(workspace, change, start),
    unfinished: async () => {
      const { runs, units } = await knowledgeAtHand(asked);
      return runs.filter(({ finishedAt }) => finishedAt === null).map((run) => summarise(run, units));
    },
    events: (run, how) => eventsLater(workspace, run, how),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function noticed({ notices }: Workspace): Noticed {
  return notices.size === 0 ? {} : { notices: [...notices] };
}

/** Each answer is loaded when it is asked for: a status does not pay for the rest. */
async function answer(
  workspace: Workspace,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<Report> {
  switch (question.kind) {
    case 'status':
      return statusOf(workspace, question.environments, { ...question, signal });
    case 'plan':
      return (await import('./answers/plan.ts')).answerPlan(workspace, question, signal);
    case 'migration':
      return (await import('./answers/migration.ts')).answerMigration(workspace, question, signal);
    case 'backups':
      return (await import('./answers/backups.ts')).answerBackups(workspace, question.environment);
    case 'verify':
      return (await import('./answers/verify.ts')).answerVerify(workspace, question, signal);
    case 'recovery':
      return (await import('./answers/recovery.ts')).answerRecovery(workspace, question, signal);
    case 'drift':
      return (await import('./answers/drift.ts')).answerDrift(workspace, question, signal);
    case 'drift-all':
      return (await import('./answers/drift-all.ts')).answerDriftAll(workspace, question, signal);
    case 'schema':
      return (await import('./answers/schema.ts')).answerSchema(workspace, question, signal);
    case 'incident':
      return (await import('./answers/incident.ts')).answerIncident(workspace, question, signal);
    case 'runs':
      return (await import('./answers/runs.ts')).answerRuns(workspace, question.environment);
    case 'run':
      return (await import('./answers/runs.ts')).answerRun(workspace, question.run);
    case 'query':
      return (await import('./answers/query.ts')).answerQuery(workspace, question);
    case 'check':
      return (await import('./answers/check.ts')).answerCheck(workspace, question, signal);
    case 'lint':
      return (await import('./answers/lint.ts')).answerLint(workspace, question, signal);
    case 'doctor':
      return (await import('./answers/doctor.ts')).answerDoctor(workspace);
    default:
      return unreachable(question);
  }
}

async function* eventsLater(
  workspace: Workspace,
  run: number,
  how: Parameters<Session['events']>[1],
): AsyncGenerator<RunEvent> {
  yield* (await import('./answers/runs.ts')).eventsOf(workspace, run, how);
}
