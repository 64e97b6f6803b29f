import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { inlined } from '../../sql/inline.ts';
import type { Statement } from '../../sql/statement.ts';
import { SqlError } from '../engine.ts';
import { workerFile } from '../worker-file.ts';
import { toSqlError } from './remote/rest-answer.ts';
import { rehearsalDatabase, type WorkerdAnswer, type WorkerdJob } from './workerd-job.ts';

export interface WorkerdOptions {
  /** Absolute path of the project's folder, where its own miniflare is looked for, or that of its wrangler. */
  readonly root: string;
  /** The database to start from. It is only read; what stands in its WAL is taken in. */
  readonly file: string;
  /** A scratch folder for the copy; it is made, and the caller removes it. */
  readonly folder: string;
  /** In order; each becomes one batch, as wrangler and our own requests send it. */
  readonly units: readonly { readonly statements: readonly Statement[] }[];
  readonly signal?: AbortSignal;
}

export type WorkerdRun =
  | {
      readonly kind: 'ran';
      /** The database afterwards; workerd has ended, a `-wal` may be beside it. */
      readonly file: string;
      /** Milliseconds per unit, from request to answer. */
      readonly took: readonly number[];
    }
  /** D1 refused a unit, all of it; the ones before it are in `file`. `unit` counts from 0. */
  | { readonly kind: 'failed'; readonly file: string; readonly unit: number; readonly error: SqlError }
  /** Neither miniflare nor wrangler is installed in the project. */
  | { readonly kind: 'not-installed' }
  /** It is installed and did not come up; `why` is a part of a sentence. */
  | { readonly kind: 'not-started'; readonly why: string };

/**
 * Runs units in real workerd, the engine of D1, on a copy of a database.
 *
 * @throws MigrateError `interrupted` when the signal came
 */
export async function runInWorkerd(options: WorkerdOptions): Promise<WorkerdRun> {
  const { root, file, folder, units, signal } = options;
  const miniflare = findMiniflare(root);
  if (miniflare === undefined) return { kind: 'not-installed' };
  const batches = units.map(({ statements }) => statements.map(inlined));
  const answer = await answerOf({ miniflare, file, folder, batches }, signal);
  const copy = join(folder, rehearsalDatabase.path);
  switch (answer.kind) {
    case 'ran':
      return { kind: 'ran', file: copy, took: answer.took };
    case 'failed':
      return { kind: 'failed', file: copy, unit: answer.batch, error: refusal(answer.error) };
    case 'not-started':
      return answer;
    default:
      return unreachable(answer);
  }
}

/** The path of the miniflare that the project uses, its own or its wrangler's; undefined when it has none. */
export function findMiniflare(root: string): string | undefined {
  const from = (file: string, name: string) => {
    try {
      return createRequire(file).resolve(name);
    } catch {
      // Not installed there; an installation that is broken does not come up, which is said then.
      return undefined;
    }
  };
  const project = join(root, 'package.json');
  const own = from(project, 'miniflare');
  if (own !== undefined) return own;
  const wrangler = from(project, 'wrangler/package.json');
  return wrangler === undefined ? undefined : from(wrangler, 'miniflare');
}

async function answerOf(job: WorkerdJob, signal: AbortSignal | undefined): Promise<WorkerdAnswer> {
  const stopped = () =>
    new MigrateError('interrupted', 'The rehearsal in workerd was stopped.', { next: runAgain });
  if (signal?.aborted) throw stopped();
  const child = fork(workerFile(import.meta.url, 'workerd-worker'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // Not SIGKILL: miniflare ends workerd when its process is told to end.
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  let answer: WorkerdAnswer | undefined;
  child.on('message', (message: WorkerdAnswer) => (answer = message));
  let said = '';
  child.stderr?.on('data', (chunk) => (said = (said + String(chunk)).slice(-2000)));
  child.send(job);
  const [exitCode, killedBy] = await once(child, 'close');
  signal?.removeEventListener('abort', stop);
  if (answer) return answer;
  if (signal?.aborted) throw stopped();
  return { kind: 'not-started', why: `its process ended with ${killedBy ?? exitCode}: ${said.trim()}` };
}

function refusal(message: string): SqlError {
  const known = toSqlError(message);
  if (known) return known;
  // All that workerd says where a check that was deferred fails at the end of a batch.
  if (/internal error/i.test(message)) {
    return new SqlError(
      'D1 failed at the end of the batch without saying why, as it does when a foreign key is broken there',
      { code: 'D1_INTERNAL' },
    );
  }
  return new SqlError(message.replace(/^D1_[A-Z_]*ERROR: /, ''), { code: 'D1_ERROR' });
}
