import { MigrateError, type ExitCode } from '../lib/errors.ts';
import { stopped } from '../lib/sentences.ts';
import type { TagOf } from '../operations/events.ts';
import { shown, type Output } from './output/output.ts';

/** What `--json` prints for a failure without a run. */
export interface Failure {
  readonly schemaVersion: 1;
  readonly kind: 'failed';
  readonly exitCode: Exclude<ExitCode, 0>;
  /** An `ErrorCode`, or `bug`. */
  readonly code: string;
  readonly message: string;
  readonly next: string | undefined;
  readonly applied: readonly TagOf[];
  readonly notBegun: readonly TagOf[];
}

/** Says what went wrong before there was a run, and gives the exit status. A bug keeps its stack. */
export function reportFailure(thrown: unknown, output: Output): ExitCode {
  const error = isAbort(thrown) ? new MigrateError('interrupted', 'Interrupted.', { cause: thrown }) : thrown;
  if (!(error instanceof MigrateError)) return reportBug(error, output);
  const { code, exitCode } = error;
  const { message, next } = output.shownHere({ message: stopped(error.message), next: error.next });
  output.document(failure({ exitCode, code, message, next }));
  if (output.format === 'text') output.say([shown(message), ...(next === undefined ? [] : [shown(next)])]);
  return exitCode;
}

function reportBug(error: unknown, output: Output): ExitCode {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  output.document(failure({ exitCode: 1, code: 'bug', message, next: undefined }));
  output.say([
    'migrate-tui stopped on something it did not expect. This is a bug; what it was doing is below.',
    ...stack.split('\n').map(shown),
  ]);
  return 1;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function failure(said: Pick<Failure, 'exitCode' | 'code' | 'message' | 'next'>): Failure {
  return { schemaVersion: 1, kind: 'failed', ...said, applied: [], notBegun: [] };
}
