import { DatabaseSync } from 'node:sqlite';
import type { Resident } from './resident.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** How a failed run ended, as a user reads it: paths below the project, and without what every failure says. */
export interface Failed {
  readonly exitCode: number | null;
  readonly code: unknown;
  /** From the engine's own words on, up to what became of the migration. */
  readonly why: string;
  readonly next: string;
  /** What the command that `next` names printed, when it names a query. */
  readonly shown: string | undefined;
  /** Everything that the run and its records said. */
  readonly all: string;
}

/** Where migrations fail: a project with two applied to staging, whatever engine that is. */
export interface Failing extends AsyncDisposable {
  readonly project: SmallProject;
  /** Changes the database as a person would, past the tool. */
  by(...statements: readonly string[]): void;
  add(tag: string, ...statements: readonly string[]): void;
  run(...argv: readonly string[]): ReturnType<Resident['run']>;
  /** Runs it, and insists that it fails. */
  fail(...argv: readonly string[]): Promise<Failed>;
}

/** @param databaseFile of staging, below the project */
export async function failing(
  cli: Resident,
  {
    target = 'file:staging.db',
    databaseFile = () => 'staging.db',
    env = {},
  }: {
    readonly target?: unknown;
    readonly databaseFile?: () => string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Failing> {
  const project = smallProject();
  project.configure({ environments: { staging: { targets: { app: target } } } });
  const at = { cwd: project.root, env: { ...project.env, ...env } };
  const run: Failing['run'] = (...argv) => cli.run(argv, at);
  const applied = await run('apply', 'staging', '--yes', '--json');
  if (applied.exitCode !== 0) throw new Error(applied.stdout);
  return {
    project,
    by(...statements) {
      using db = new DatabaseSync(`${project.root}/${databaseFile()}`);
      for (const sql of statements) db.exec(sql);
    },
    add: (tag, ...statements) => project.add(tag, statements),
    run,
    async fail(...argv) {
      const { exitCode, last, stdout, stderr } = await run(...argv, '--yes', '--json');
      if (last?.['kind'] !== 'failed') throw new Error(`It did not fail: ${stdout}`);
      const short = (text: unknown) => String(text).replaceAll(`${project.root}/`, '');
      const next = short(last['next']);
      const [, sql] = /migrate-tui query staging '((?:[^']|'\\'')*)'/.exec(next) ?? [];
      const shown =
        sql === undefined ? undefined : await run('query', 'staging', sql.replaceAll("'\\''", "'"), '--json');
      const message = short(last['message']);
      const [, why] = /\(drizzle\/[^)]*\): ([\s\S]*?)(?= \S+ was undone in full|$)/.exec(message) ?? [];
      return {
        exitCode,
        code: last['code'],
        why: why ?? message,
        next,
        shown: shown?.stdout,
        all: `${stdout}${stderr}`,
      };
    },
    async [Symbol.asyncDispose]() {
      project[Symbol.dispose]();
    },
  };
}
