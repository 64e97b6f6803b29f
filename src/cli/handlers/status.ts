import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import type { StatusReport, StatusTarget } from '../../operations/reports.ts';
import type { Given } from '../arguments.ts';
import { readDatabases } from '../consent.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { statusText } from '../text/status.ts';
import { inSession, question, refuseUnknownDatabase } from './question.ts';

/** `status`: one document, or with `--stream` a line as each environment answers. */
export const handle: Handler = (invocation) =>
  invocation.given.has('stream') ? stream(invocation) : once(invocation);

const once = question({
  report: 'status',
  question: ({ given }) => ({
    kind: 'status',
    environments: given.positionals,
    databases: readDatabases(given),
    ...driftIn(given),
  }),
  text: statusText,
  exitCode: (report, { given }) => (given.has('check') ? checked([report]) : 0),
});

async function stream(invocation: Invocation): Promise<ExitCode> {
  const { given, output } = invocation;
  if (!given.has('json')) {
    throw new MigrateError('usage', '--stream is for programs: it prints JSON lines.', {
      next: 'Add --json.',
    });
  }
  const databases = readDatabases(given);
  const reports = await inSession(invocation, async (session, signal) => {
    refuseUnknownDatabase(session, invocation);
    output.document(await session.opening());
    const names = given.positionals.length > 0 ? given.positionals : environmentNames(session.project);
    const seen: StatusReport[] = [];
    for await (const report of session.statuses(names, { databases, signal, ...driftIn(given) })) {
      output.document(report);
      seen.push(report);
      if (output.readerGone.aborted) break;
    }
    return seen;
  });
  return given.has('check') ? checked(reports) : 0;
}

function environmentNames(project: {
  readonly environments: readonly { readonly name: string }[];
}): readonly string[] {
  return project.environments.map(({ name }) => name);
}

function driftIn(given: Given): { readonly drift?: 'wanted' } {
  return given.has('drift') ? { drift: 'wanted' } : {};
}

/** What could not be compared is no finding of drift, and no proof that there is none. */
function checked(reports: readonly StatusReport[]): ExitCode {
  const targets = reports.flatMap(({ environments }) => environments.flatMap((each) => each.targets));
  const isInOrder = ({ state, drift }: StatusTarget) =>
    state.every((each) => each === 'current') && drift?.state !== 'not-replayed';
  return targets.every(isInOrder) ? 0 : 3;
}
