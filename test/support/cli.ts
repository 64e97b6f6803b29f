import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command line in a process of its own, without a terminal, and waits for its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return ended(startCli(args, options));
}

export function startCli(
  args: readonly string[],
  { cwd, env }: CliOptions = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [entry, ...args], {
    cwd: cwd ?? process.cwd(),
    env: { ...plainEnvironment(), ...env },
  });
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end();
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}

/** What decides about colours, signs and CI is left away, so that a test says it itself. */
function plainEnvironment(): Record<string, string | undefined> {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR, CI, ACCESSIBLE, ...rest } = process.env;
  void [NO_COLOR, FORCE_COLOR, CLICOLOR, CI, ACCESSIBLE];
  return { ...rest, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
}

const entry = fileURLToPath(new URL('cli-entry.ts', import.meta.url));
