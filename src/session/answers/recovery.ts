import type { Question } from '../../operations/questions.ts';
import type { RecoveryCase, RecoveryReport } from '../../operations/reports.ts';
import { recoverableIn } from '../recoverable.ts';
import { readTarget } from '../read-target.ts';
import type { Workspace } from '../workspace.ts';

/** What is unfinished or contradicts itself in an environment, and the ways out. Only reads; needs no ledger. */
export async function answerRecovery(
  workspace: Workspace,
  { environment: name, databases }: Extract<Question, { kind: 'recovery' }>,
  signal: AbortSignal = new AbortController().signal,
): Promise<RecoveryReport> {
  const environment = workspace.environment(name);
  const cases: RecoveryCase[] = [];
  for (const target of workspace.targetsOf(environment, databases)) {
    const { run, snapshot } = await readTarget(workspace, environment, target, {
      signal,
      purpose: 'question',
      whenLocked: 'go-on',
    });
    await using engine = run.engine;
    if (!engine) continue;
    const found = await recoverableIn(workspace, environment, target, { engine, snapshot, signal });
    cases.push(...found.map(({ shown }) => shown));
  }
  return { schemaVersion: 1, kind: 'recovery', environment: name, cases };
}
