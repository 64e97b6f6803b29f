import { MigrateError, type ExitCode } from '../lib/errors.ts';
import { parseArguments, type Parsed } from './arguments.ts';
import type { CommandName } from './commands.ts';
import type { FlagName } from './flags.ts';
import { reportFailure } from './failure.ts';
import type { Handler } from './invocation.ts';
import { openOutput, type Output } from './output/output.ts';

/**
 * The command line. Sets `process.exitCode` and returns when everything was written; it never ends the
 * process itself, so that nothing that still waits in a pipe is lost.
 */
export async function run(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  keepQuietAboutExperiments();
  const output = openOutput(
    { has: (flag) => isSaid(flag, argv), value: (flag) => valueSaid(flag, argv) },
    process.env,
  );
  try {
    process.exitCode = await carryOut(argv, output);
  } catch (error) {
    process.exitCode = reportFailure(error, output);
  }
  await output.drained();
}

/** Node 22 calls its SQLite and its glob patterns experimental whenever they are used; we know. */
function keepQuietAboutExperiments(): void {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!/\b(?:SQLite|glob) is an experimental feature/i.test(String(warning)))
      Reflect.apply(emit, process, [warning, ...rest]);
  };
}

async function carryOut(argv: readonly string[], output: Output): Promise<ExitCode> {
  const parsed = parseArguments(argv);
  switch (parsed.kind) {
    case 'help': {
      const { helpText } = await import('./help.ts');
      output.raw(helpText(parsed.command));
      return 0;
    }
    case 'version': {
      const { version } = await import('../lib/version.ts');
      output.raw(`${version()}\n`);
      return 0;
    }
    case 'none':
    case 'command':
      return handle(parsed, argv, output);
  }
}

async function handle(
  parsed: Extract<Parsed, { kind: 'none' | 'command' }>,
  argv: readonly string[],
  output: Output,
): Promise<ExitCode> {
  const invocation = { given: parsed.given, argv, output, cwd: workingFolder(), env: process.env };
  if (parsed.kind === 'command') {
    const handler = await handlers[parsed.command.name]();
    return handler({ ...invocation, command: parsed.command });
  }
  const { openScreenOrStatus } = await import('./screen.ts');
  return openScreenOrStatus(invocation);
}

/** A folder can be removed under the shell that stands in it. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new MigrateError('usage', 'The folder that this is run in is not there any more.', {
      next: 'Change into a folder that exists, then run it again.',
      cause,
    });
  }
}

/** Before the words are understood, so that what is wrong with them is said in the format that they ask for. */
function isSaid(flag: FlagName, argv: readonly string[]): boolean {
  if (argv.includes(`--${flag}`)) return true;
  return flag === 'json' && /(?:^|\0)--format[=\0]json(?:\0|$)/.test(argv.join('\0'));
}

function valueSaid(flag: FlagName, argv: readonly string[]): string | undefined {
  const at = argv.findLastIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const word = argv[at];
  return word?.includes('=') ? word.slice(word.indexOf('=') + 1) : at === -1 ? undefined : argv[at + 1];
}

// Each is loaded only when it is asked for, so that help costs no database and an answer no screen.
const handlers: Readonly<Record<CommandName, () => Promise<Handler>>> = {
  init: async () => (await import('./handlers/init.ts')).handle,
  demo: async () => (await import('./handlers/demo.ts')).handle,
  status: async () => (await import('./handlers/status.ts')).handle,
  plan: async () => (await import('./handlers/plan.ts')).handle,
  migration: async () => (await import('./handlers/migration.ts')).handle,
  deploy: change,
  'dry-run': change,
  apply: change,
  verify: async () => (await import('./handlers/verify.ts')).handle,
  backup: change,
  backups: async () => (await import('./handlers/backups.ts')).handle,
  restore: change,
  decrypt: async () => (await import('./handlers/decrypt.ts')).handle,
  rollback: change,
  new: async () => (await import('./handlers/new.ts')).handle,
  drop: async () => (await import('./handlers/drop.ts')).handle,
  check: async () => (await import('./handlers/check.ts')).handle,
  lint: async () => (await import('./handlers/lint.ts')).handle,
  push: change,
  pull: async () => (await import('./handlers/pull.ts')).handle,
  studio: async () => (await import('./handlers/studio.ts')).handle,
  generate: async () => (await import('./handlers/generate.ts')).handle,
  recover: async () => (await import('./handlers/recover.ts')).handle,
  mark: change,
  baseline: change,
  reset: change,
  resync: change,
  squash: async () => (await import('./handlers/squash.ts')).handle,
  drift: async () => (await import('./handlers/drift.ts')).handle,
  schema: async () => (await import('./handlers/schema.ts')).handle,
  runs: async () => (await import('./handlers/runs.ts')).handle,
  show: async () => (await import('./handlers/show.ts')).handle,
  query: async () => (await import('./handlers/query.ts')).handle,
  doctor: async () => (await import('./handlers/doctor.ts')).handle,
  completion: async () => (await import('./handlers/completion.ts')).handle,
};

async function change(): Promise<Handler> {
  return (await import('./handlers/change.ts')).handle;
}
