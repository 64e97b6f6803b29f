import { readDatabase } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Has the project's drizzle-kit write schema code for what a database has. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const environment = given.required(0);
  const pulled = await inSession(
    invocation,
    (session, signal) =>
      session.pull({
        environment,
        database: readDatabase(given),
        consent: given.has('yes') ? 'given' : 'not-given',
        signal,
      }),
    'end-work',
  );
  const message = [
    pulled.written.length === 0
      ? `The schema files are what ${pulled.database} of ${environment} has.`
      : `${pulled.tool} wrote what ${pulled.database} of ${environment} has.`,
    pulled.first === 'made'
      ? `The first migration describes what is there and must not run there: ${output.style.command(['baseline', environment])} records it.`
      : '',
  ]
    .join(' ')
    .trim();
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([
    shown(message),
    ...pulled.written.map(({ file, how }) => `  ${how === 'made' ? 'written' : 'changed'}  ${shown(file)}`),
  ]);
  return 0;
};
