import { fork } from 'node:child_process';
import { once } from 'node:events';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { OnCopyProgress } from '../copy-progress.ts';
import { workerFile } from '../worker-file.ts';
import type { Content } from './content.ts';
import type { CopyJob, CopyMessage } from './copy-job.ts';

/**
 * Runs one job in a process of its own. The signal kills it at once: what it wrote is then under a temporary name,
 * or undone by the journal of the file it wrote into.
 */
export async function runCopyJob(
  job: CopyJob,
  {
    signal,
    onCopied,
    onProgress,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onCopied?: () => void;
    readonly onProgress?: OnCopyProgress | undefined;
  } = {},
): Promise<Content> {
  const stopped = () => new MigrateError('interrupted', stoppedText(job), { next: runAgain });
  if (signal?.aborted) throw stopped();
  const child = fork(workerFile(import.meta.url, 'backup-worker'), {
    // Of millions of short-lived texts, few are kept waiting to be collected.
    execArgv: ['--max-semi-space-size=2'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  let content: Content | Error | undefined;
  child.on('message', (message: CopyMessage) => {
    if (message.kind === 'copied') onCopied?.();
    else if (message.kind === 'progress') onProgress?.(message);
    else content = resultOf(message);
  });
  let said = '';
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  child.send(job);
  const [exitCode, killedBy] = await once(child, 'close');
  signal?.removeEventListener('abort', kill);
  if (content instanceof Error) throw content;
  if (content) return content;
  if (signal?.aborted) throw stopped();
  throw new Error(`The copying process ended with ${killedBy ?? exitCode} and no answer. ${said}`);
}

function stoppedText(job: CopyJob): string {
  switch (job.kind) {
    case 'backup':
      return `The backup of ${job.from} was stopped.`;
    case 'restore':
      return `The restore of ${job.to} was stopped.`;
    case 'copy-across':
    case 'copy-rows':
      return `The copy of ${job.source} was stopped.`;
    default:
      return unreachable(job);
  }
}

function resultOf(message: Exclude<CopyMessage, { kind: 'copied' | 'progress' }>): Content | Error {
  switch (message.kind) {
    case 'done':
      return message.content;
    case 'failed':
      return new MigrateError(
        message.code,
        message.message,
        message.next === undefined ? {} : { next: message.next },
      );
    case 'bug':
      return new Error(`The copying process failed: ${message.stack}`);
    default:
      return unreachable(message);
  }
}
