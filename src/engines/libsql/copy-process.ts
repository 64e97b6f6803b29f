import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Content } from './content.ts';
import type { CopyJob, CopyMessage } from './copy-job.ts';

/**
 * Runs one job in a process of its own. The signal kills it at once: what it wrote is then under a temporary name,
 * or undone by the journal of the file it wrote into.
 */
export async function runCopyJob(
  job: CopyJob,
  { signal, onCopied }: { readonly signal?: AbortSignal | undefined; readonly onCopied?: () => void } = {},
): Promise<Content> {
  const stopped = () =>
    new MigrateError(
      'interrupted',
      `The ${job.kind} of ${job.kind === 'backup' ? job.from : job.to} was stopped`,
    );
  if (signal?.aborted) throw stopped();
  const child = fork(workerFile(), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  let content: Content | Error | undefined;
  child.on('message', (message: CopyMessage) => {
    if (message.kind === 'copied') onCopied?.();
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

function resultOf(message: Exclude<CopyMessage, { kind: 'copied' }>): Content | Error {
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

/** The worker beside this file in the source; `dist/backup-worker.js` from a chunk of the build. */
function workerFile(): string {
  const inSource = new URL('./backup-worker.ts', import.meta.url);
  if (import.meta.url.endsWith('.ts')) return fileURLToPath(inSource);
  const candidates = ['./backup-worker.js', '../backup-worker.js'].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  const found = candidates.find((file) => existsSync(file));
  if (found === undefined) throw new Error('The build has no backup-worker.js.');
  return found;
}
