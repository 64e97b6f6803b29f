/** Asks the git of a folder; undefined where it has nothing to say: there is none, or no repository. */
export function gitIn(cwd: string, signal: AbortSignal) {
  // Settings of the repository must not start other programs.
  const quiet = ['-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false'];
  return async (...args: readonly string[]): Promise<string | undefined> => {
    const { execa } = await import('execa');
    const { failed, stdout, isCanceled } = await execa('git', [...quiet, ...args], {
      cwd,
      stdin: 'ignore',
      reject: false,
      stripFinalNewline: false,
      env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
      cancelSignal: signal,
    });
    if (isCanceled) signal.throwIfAborted();
    return failed ? undefined : stdout;
  };
}
