/*
 * The copying process. node:sqlite has the backup API and libSQL has not, but the two must not have one file open in
 * one process; and only the end of a process gives up every lock for certain. It does one job and ends.
 */
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Content } from './content.ts';
import { copyAcross } from './copy-across.ts';
import { copyIn } from './copy-in.ts';
import type { CopyJob, CopyMessage } from './copy-job.ts';
import { copyOut } from './copy-out.ts';
import { copyRows } from './copy-rows.ts';

process.once('message', (job: CopyJob) => {
  void perform(job)
    .then(say, (error: unknown) => say(failed(error)))
    .then(() => process.exit());
});
// Nobody is left to rename or remove what it makes; `process.exit` would first wait for the copy to end.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function perform(job: CopyJob): Promise<CopyMessage> {
  return { kind: 'done', content: await contentAfter(job) };
}

function contentAfter(job: CopyJob): Promise<Content> {
  switch (job.kind) {
    case 'backup':
      return copyOut(job, () => void say({ kind: 'copied' }));
    case 'restore':
      return copyIn(job);
    case 'copy-across':
      return copyAcross(job, (progress) => void say({ kind: 'progress', ...progress }));
    case 'copy-rows':
      return copyRows(job, (progress) => void say({ kind: 'progress', ...progress }));
    default:
      return unreachable(job);
  }
}

function failed(error: unknown): CopyMessage {
  if (error instanceof MigrateError) {
    return { kind: 'failed', code: error.code, message: error.message, next: error.next };
  }
  return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function say(message: CopyMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
