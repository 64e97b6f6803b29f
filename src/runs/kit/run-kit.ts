import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import { safe, type Safe } from '../../lib/safe-text.ts';
import type { Secret } from '../../lib/secret.ts';
import type { TraceEntry } from '../../operations/trace.ts';
import type { DrizzleKit, KitConfig } from '../../project/drizzle/kit.ts';

export interface KitRun {
  readonly kit: DrizzleKit;
  readonly config: KitConfig;
  /** `generate`, with what follows it; never anything secret. */
  readonly command: readonly string[];
  /** Migration folder to work on instead of the configuration's, relative to its folder. */
  readonly out?: string;
  /** For what reaches a database. They go through variables of the process, never into a file or its arguments. */
  readonly credentials?: Readonly<Record<string, string | Secret>>;
  /** Keys of the configuration that are to be other than in the file. */
  readonly instead?: Readonly<Record<string, unknown>>;
  /** `ours`: drizzle-kit asks its questions on the terminal itself. `none` unless given. */
  readonly terminal?: 'ours' | 'none';
  /** A folder of ours for what lives as long as the process. */
  readonly scratch: string;
  readonly environment?: string;
  /** Told of each line as it comes, for what goes on until it is ended. */
  readonly onLine?: (line: Safe) => void;
  readonly access: TraceEntry['access'];
  readonly onTrace: (entry: TraceEntry) => void;
  readonly signal: AbortSignal | undefined;
}

/** What drizzle-kit said. Its exit status is told, and proves nothing: it is 0 after some failures. */
export interface KitSaid {
  readonly exitCode: number | undefined;
  /** Without colours, control characters and credentials. */
  readonly text: Safe;
}

/**
 * Runs the project's own drizzle-kit with the project's own configuration, its credentials replaced.
 *
 * @throws MigrateError `interrupted`
 */
export async function runKit(run: KitRun): Promise<KitSaid> {
  await mkdir(run.scratch, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(run.scratch, 'kit-'));
  try {
    // As CommonJS both lines of drizzle-kit take it from any folder.
    const file = join(folder, 'drizzle.config.cjs');
    await writeFile(file, configText(run), { mode: 0o600 });
    return await runWith(file, run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configText({ config, out, credentials = {}, instead = {} }: KitRun): string {
  const says = JSON.stringify({ ...config.says, ...(out === undefined ? {} : { out }), ...instead });
  const keys = Object.keys(credentials).map(
    (key) => `${JSON.stringify(key)}: process.env[${JSON.stringify(variableOf(key))}]`,
  );
  const also = keys.length === 0 ? '' : `, dbCredentials: { ${keys.join(', ')} }`;
  return `module.exports = { ...${says}${also} };\n`;
}

function variableOf(key: string): string {
  return `MIGRATE_TUI_KIT_${key}`;
}

async function runWith(file: string, run: KitRun): Promise<KitSaid> {
  const { kit, config, command, terminal = 'none', signal, onLine } = run;
  const { execa } = await import('execa');
  const begun = { at: new Date().toISOString(), when: performance.now() };
  const { variables, secrets } = handedOver(run);
  const child = execa(process.execPath, [kit.program, ...command, '--config', file], {
    cwd: config.folder,
    env: { ...config.variables, ...variables, NO_COLOR: '1' },
    extendEnv: false,
    // What it asks is no answer of ours: it goes where progress goes, also when the answer goes into a file.
    ...(terminal === 'ours'
      ? { stdin: 'inherit' as const, stdout: 2 as const, stderr: 'inherit' as const }
      : { stdin: 'ignore' as const, all: true as const }),
    reject: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (onLine && child.all) tellLines(child.all, secrets, onLine);
  const result = await child;
  // It listens to single keys, and one that was killed leaves the terminal like that.
  if (terminal === 'ours' && process.stdin.isTTY) process.stdin.setRawMode(false);
  if (signal?.aborted) throw interrupted(command);
  trace(run, begun, result);
  return { exitCode: result.exitCode, text: clean(result.all ?? '', secrets) };
}

/** The credentials as variables of its process, and all that must not be seen in what it says. */
function handedOver({ credentials = {}, config }: KitRun): {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
} {
  const revealed = Object.entries(credentials).map(
    ([key, value]) => [variableOf(key), typeof value === 'string' ? value : value.reveal()] as const,
  );
  const given = revealed.map(([, value]) => value);
  return {
    variables: Object.fromEntries(revealed),
    secrets: [...given, ...given.flatMap(passwordIn), ...tellingIn(config.variables)],
  };
}

function trace(
  { command, access, environment, onTrace }: KitRun,
  begun: { readonly at: string; readonly when: number },
  { exitCode, signal }: { readonly exitCode?: number; readonly signal?: string },
): void {
  onTrace({
    at: begun.at,
    environment,
    kind: 'run',
    access,
    what: `drizzle-kit ${command.join(' ')}`,
    took: performance.now() - begun.when,
    outcome:
      exitCode === 0
        ? { kind: 'ok', says: 'ended with 0' }
        : { kind: 'failed', says: `ended with ${exitCode ?? signal ?? 'no status'}` },
  });
}

function tellLines(
  output: NodeJS.ReadableStream,
  secrets: readonly string[],
  onLine: (line: Safe) => void,
): void {
  createInterface({ input: output }).on('line', (line) => {
    const said = clean(line, secrets);
    if (said !== '') onLine(said);
  });
}

/** Of a URL, as it stands there and as it is meant. */
function passwordIn(value: string): readonly string[] {
  const [, password = ''] = /^\w+:\/\/[^/?#\s:]*:([^/?#\s@]+)@/.exec(value) ?? [];
  return password === '' ? [] : [password, decodeURIComponent(password)];
}

/** Schema files may print what they read. */
function tellingIn(variables: KitConfig['variables']): readonly string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    value !== undefined && value.length >= 8 && /TOKEN|SECRET|KEY|PASS|AUTH/i.test(name) ? [value] : [],
  );
}

/** Our configuration file is of no interest to anybody, and what draws a spinner is none either. */
function clean(output: string, secrets: readonly string[]): Safe {
  const longestFirst = secrets.filter((value) => value !== '').toSorted((a, b) => b.length - a.length);
  const masked = longestFirst.reduce((text, value) => text.replaceAll(value, '••••'), output);
  const lines = stripVTControlCharacters(masked)
    .split(/\r?\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('Reading config file '));
  return safe(lines.join('\n'), { lines: 'many' });
}

function interrupted(command: readonly string[]): MigrateError {
  return new MigrateError('interrupted', `Interrupted while drizzle-kit ${command[0] ?? ''} was at work.`, {
    next: command[0] === 'export' ? runAgain : 'Look at what it had written: git status shows it.',
  });
}
