import { quantity } from '../../lib/numbers.ts';
import { readDatabase } from '../consent.ts';
import { asking, type Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Has the project's drizzle-kit bring a database to the schema code, without a migration. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const environment = given.required(0);
  const pushed = await inSession(
    invocation,
    (session, signal) =>
      session.push({
        environment,
        database: readDatabase(given),
        consent: given.has('yes') ? 'given' : 'not-given',
        terminal: asking(invocation) === 'possible' ? 'ours' : 'none',
        signal,
      }),
    'end-work',
  );
  const message =
    pushed.changed.length === 0
      ? `Nothing to push: ${pushed.database} of ${environment} is what the schema says.`
      : `${pushed.tool} changed ${quantity(pushed.changed.length, 'object')} in ${pushed.database} of ${environment}. No migration has this: run migrate-tui generate, then migrate-tui baseline ${environment}, which records what is there.`;
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([
    shown(message),
    ...pushed.changed.map(({ type, name, change }) => `  ${change}  ${type} ${shown(name)}`),
  ]);
  return 0;
};
