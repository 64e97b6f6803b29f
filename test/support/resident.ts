import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ended } from './cli.ts';
import type { Line } from './program.ts';

/**
 * The command line in a process that stays: arguments in, exit code and streams out, without a start for each.
 * One command at a time. What a process leaves by dying is not seen here.
 */
export interface Resident extends AsyncDisposable {
  run(argv: readonly string[], at: Place): Promise<Answered>;
}

export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Answered extends Ended {
  /** Its JSON lines. */
  readonly lines: readonly Line[];
  readonly last: Line | undefined;
}

export function startResident(): Resident {
  const { CI, NO_COLOR, FORCE_COLOR, ...env } = process.env;
  void [CI, NO_COLOR, FORCE_COLOR];
  const child = fork(fileURLToPath(new URL('resident-entry.ts', import.meta.url)), {
    env,
    // Those of a test runner are not for it.
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  return {
    async run(argv, { cwd, env: added }) {
      const answer = once(child, 'message');
      child.send(JSON.stringify({ argv, cwd, env: added }));
      const gone = exited.then(([code]) => {
        throw new Error(`The command line ended with ${String(code)} at ${argv.join(' ')}.`);
      });
      const [message] = await Promise.race([answer, gone]);
      const ended: Ended = JSON.parse(String(message));
      const lines: Line[] = ended.stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
      return { ...ended, lines, last: lines.at(-1) };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
