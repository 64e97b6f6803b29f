import { isBuildMachine } from '../lib/build-machine.ts';
import type { ExitCode } from '../lib/errors.ts';
import type { Given } from './arguments.ts';
import type { Command } from './commands.ts';
import type { Output } from './output/output.ts';

/** One command being carried out. */
export interface Invocation {
  readonly command: Command;
  readonly given: Given;
  /** The words as they were typed, for repeating them in a sentence. */
  readonly argv: readonly string[];
  readonly output: Output;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Handler = (invocation: Invocation) => Promise<ExitCode>;

/** Where nobody can answer, nothing is asked. */
export function asking({ output, env }: Invocation): 'possible' | 'not-possible' {
  const terminal = process.stdin.isTTY && process.stderr.isTTY;
  return terminal && output.format === 'text' && !isBuildMachine(env) ? 'possible' : 'not-possible';
}
