import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import { readDatabases } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { inSession } from './question.ts';

/** The text alone on stdout, so that it can go into a file. */
export const handle: Handler = async (invocation): Promise<ExitCode> => {
  const { given, output } = invocation;
  const environment = given.required(0);
  const report = await inSession(invocation, (session, signal) =>
    session.ask({ kind: 'schema', environment, databases: readDatabases(given) }, { signal }),
  );
  if (report.kind !== 'schema') throw new Error(`A ${report.kind} answered schema.`);
  const [only, ...others] = report.databases;
  if (output.format === 'json') output.document(report);
  else if (only && others.length === 0) output.raw(only.text);
  else {
    const names = report.databases.map(({ database }) => database);
    throw new MigrateError('usage', `${environment} has ${names.length} databases; a file holds one.`, {
      next: `Add --database ${names.join(' or --database ')}.`,
    });
  }
  return 0;
};
