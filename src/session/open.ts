import { unreachable } from '../lib/unreachable.ts';
import type { Question } from '../operations/questions.ts';
import type { Report } from '../operations/reports.ts';
import { answerBackups } from './answers/backups.ts';
import { answerDoctor } from './answers/doctor.ts';
import { answerMigration } from './answers/migration.ts';
import { answerPlan } from './answers/plan.ts';
import { answerQuery } from './answers/query.ts';
import { answerRun, answerRuns, eventsOf } from './answers/runs.ts';
import { answerVerify } from './answers/verify.ts';
import { readKnowledge, summarise } from './knowledge.ts';
import { startChange } from './start.ts';
import { openingOf, statusesOf, statusOf } from './status.ts';
import type { Session, SessionOptions } from './types.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/**
 * Finds and reads the project. Asks no database yet.
 *
 * @throws MigrateError `config` or `not-found`
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const workspace = await openWorkspace(options);
  return {
    project: workspace.project,
    ask: (question, { signal } = {}) => answer(workspace, question, signal),
    opening: () => openingOf(workspace),
    statuses: (environments, { signal } = {}) => statusesOf(workspace, environments, { signal }),
    start: (change, start) => startChange(workspace, change, start),
    unfinished: async () => {
      const { runs, units } = await readKnowledge(workspace);
      return runs.filter(({ finishedAt }) => finishedAt === null).map((run) => summarise(run, units));
    },
    events: (run, how) => eventsOf(workspace, run, how),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function answer(workspace: Workspace, question: Question, signal: AbortSignal | undefined): Promise<Report> {
  switch (question.kind) {
    case 'status':
      return statusOf(workspace, question.environments, { databases: question.databases, signal });
    case 'plan':
      return answerPlan(workspace, question, signal);
    case 'migration':
      return answerMigration(workspace, question, signal);
    case 'backups':
      return answerBackups(workspace, question.environment);
    case 'verify':
      return answerVerify(workspace, question, signal);
    case 'runs':
      return answerRuns(workspace, question.environment);
    case 'run':
      return answerRun(workspace, question.run);
    case 'query':
      return answerQuery(workspace, question);
    case 'doctor':
      return answerDoctor(workspace);
    default:
      return unreachable(question);
  }
}
