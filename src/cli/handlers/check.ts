import type { CheckReport } from '../../operations/reports.ts';
import type { Repair } from '../../session.ts';
import { readDatabase, readDatabases } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { checkText } from '../text/check.ts';
import { toolRun } from '../tool-run.ts';
import { inSession, question } from './question.ts';

export const handle: Handler = (invocation) =>
  invocation.given.has('repair') ? repair(invocation) : check(invocation);

const check = question({
  report: 'check',
  question: ({ given }) => ({ kind: 'check', databases: readDatabases(given) }),
  text: checkText,
  exitCode: (report) => (hasFound(report) ? 3 : 0),
});

/** A warning is said and fails no build. */
function hasFound({ databases }: CheckReport): boolean {
  return databases.some(
    ({ schema, findings }) =>
      schema.state === 'ahead' ||
      schema.state === 'broken' ||
      findings.some(({ severity }) => severity === 'error'),
  );
}

const repair: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const consent = given.has('yes') ? 'given' : 'not-given';
  const done = await inSession(
    invocation,
    (session, signal) => session.repair({ database: readDatabase(given), consent, signal }),
    'end-work',
  );
  const message =
    done === undefined
      ? 'Nothing to repair: no two migrations contradict each other.'
      : `${repaired(done)} The folder of before is kept in ${done.kept}.`;
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer(shown(message));
  return 0;
};

function repaired(done: Repair): string {
  if (done.kind === 'moved')
    return `${done.moved.map(({ from, to }) => `${from} is ${to} now`).join(', ')}, with the same statements.`;
  const from = done.from.join(' and ');
  return done.to === undefined
    ? `${from} is gone: the others make all that the schema says.`
    : `drizzle-kit wrote ${done.to} in the place of ${from}.`;
}
