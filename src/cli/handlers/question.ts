import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import type { Question } from '../../operations/questions.ts';
import type { Report } from '../../operations/reports.ts';
import type { Session } from '../../session.ts';
import { readDatabases } from '../consent.ts';
import { watchInterrupts } from '../interrupt.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { openWith } from '../open.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';

type ReportOf<K extends Report['kind']> = Extract<Report, { kind: K }>;

export interface QuestionOptions<K extends Report['kind']> {
  readonly report: K;
  readonly question: (invocation: Invocation) => Question;
  readonly text: (report: ReportOf<K>, style: Style) => readonly string[];
  /** What is left away before anything is printed. */
  readonly narrow?: (report: ReportOf<K>, invocation: Invocation) => ReportOf<K>;
  /** Done with the answer besides printing it. */
  readonly also?: (report: ReportOf<K>, invocation: Invocation) => Promise<void>;
  readonly exitCode?: (report: ReportOf<K>, invocation: Invocation) => ExitCode;
}

/** A command that asks one question and prints its answer. */
export function question<K extends Report['kind']>(options: QuestionOptions<K>): Handler {
  return async (invocation) => {
    const asked = options.question(invocation);
    const { output } = invocation;
    const { notices, report } = await inSession(invocation, async (session, signal) => {
      refuseUnknownDatabase(session, invocation);
      const answer = await session.ask(asked, { signal });
      const { notices = [] } = answer;
      if (!isKind(answer, options.report)) throw new Error(`A ${answer.kind} answered ${asked.kind}.`);
      const report = options.narrow?.(answer, invocation) ?? answer;
      return output.shownHere({ report, notices });
    });
    await options.also?.(report, invocation);
    output.document({ ...report, ...(notices.length > 0 && { notices }) });
    if (output.format === 'text' && notices.length > 0) output.say(noticesText(notices, output.sideStyle));
    output.answer(options.text(report, output.style));
    return options.exitCode?.(report, invocation) ?? 0;
  };
}

function noticesText(notices: readonly string[], { paint, signs }: Style): readonly string[] {
  return notices.map((notice) => `${paint('warn', signs.finding)} ${shown(notice)}`);
}

/**
 * Opens a session for reading; a signal ends the wait at once, as nothing can be left half-done.
 *
 * @param interrupted `end-work` for work that writes: it is told by its signal, and says itself what it leaves
 */
export async function inSession<T>(
  invocation: Invocation,
  work: (session: Session, signal: AbortSignal) => Promise<T>,
  interrupted: 'leave' | 'end-work' = 'leave',
): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  using interrupt = watchInterrupts({
    onFirst: () => stopped.reject(new MigrateError('interrupted', 'Interrupted. Nothing was changed.')),
    secondExit: () => 130,
  });
  // Without a waiter yet, a rejection must not count as unhandled.
  stopped.promise.catch(() => undefined);
  const opening = openWith(invocation);
  await using session = await Promise.race([opening, stopped.promise]);
  const working = work(session, interrupt.signal);
  return interrupted === 'end-work' ? await working : await Promise.race([working, stopped.promise]);
}

/**
 * A question about all environments leaves out those without the database that is named: a name that was mistyped
 * would leave out all of them, and look like an answer. Throws `not-found`.
 */
export function refuseUnknownDatabase({ project }: Session, { given }: Invocation): void {
  const names = project.databases.map(({ name }) => name);
  const unknown = readDatabases(given)?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new MigrateError('not-found', `The project has no database ${unknown}.`, {
    next: `It has ${names.join(', ')}.`,
  });
}

function isKind<K extends Report['kind']>(report: Report, kind: K): report is ReportOf<K> {
  return report.kind === kind;
}
