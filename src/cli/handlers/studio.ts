import { readConfirm, readDatabase } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Runs the project's Drizzle Studio until Ctrl-C. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const environment = given.required(0);
  await inSession(
    invocation,
    (session, signal) =>
      session.studio({
        environment,
        database: readDatabase(given),
        port: given.value('port'),
        confirmed: readConfirm(given, environment)?.environment,
        onLine: (line) => output.say(line),
        signal,
      }),
    'end-work',
  );
  const message = 'Studio was ended.';
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  return 0;
};
