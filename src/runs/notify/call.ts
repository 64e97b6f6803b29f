import type { Told } from './post.ts';

export interface CallOptions {
  readonly cwd: string;
  /** Milliseconds that it may take. */
  readonly limit: number;
}

/** Starts a program without a shell and hands it one JSON document on its standard input. Never throws. */
export async function call(
  [file = '', ...words]: readonly string[],
  document: object,
  { cwd, limit }: CallOptions,
): Promise<Told> {
  const { execa } = await import('execa');
  const { failed, timedOut, exitCode, code } = await execa(file, words, {
    cwd,
    input: `${JSON.stringify(document)}\n`,
    // What it says may hold a secret of its own, and stdout is ours.
    stdout: 'ignore',
    stderr: 'ignore',
    timeout: limit,
    forceKillAfterDelay: 500,
    reject: false,
  });
  if (!failed) return { kind: 'told' };
  if (timedOut) return { kind: 'failed', says: `it did not end within ${limit / 1000} s` };
  if (exitCode !== undefined) return { kind: 'failed', says: `it ended with ${exitCode}` };
  return { kind: 'failed', says: `it could not be run (${code ?? 'no reason is known'})` };
}
