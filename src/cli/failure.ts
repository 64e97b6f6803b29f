import { MigrateError, type ExitCode } from '../lib/errors.ts';
import { shown, type Output } from './output/output.ts';

/** Says what went wrong before there was a run, and gives the exit status. A bug keeps its stack. */
export function reportFailure(thrown: unknown, output: Output): ExitCode {
  const error = isAbort(thrown) ? new MigrateError('interrupted', 'Interrupted.', { cause: thrown }) : thrown;
  if (!(error instanceof MigrateError)) return reportBug(error, output);
  const { message, next, code, exitCode } = error;
  output.document({
    schemaVersion: 1,
    kind: 'failed',
    exitCode,
    code,
    message,
    next,
    applied: [],
    notBegun: [],
  });
  if (output.format === 'text') output.say([shown(message), ...(next === undefined ? [] : [shown(next)])]);
  return exitCode;
}

function reportBug(error: unknown, output: Output): ExitCode {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.document({
    schemaVersion: 1,
    kind: 'failed',
    exitCode: 1,
    code: 'bug',
    message: error instanceof Error ? error.message : String(error),
    applied: [],
    notBegun: [],
  });
  output.say([
    'migrate-tui stopped on something it did not expect. This is a bug; what it was doing is below.',
    ...stack.split('\n').map(shown),
  ]);
  return 1;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
