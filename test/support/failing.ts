import { join } from 'node:path';
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
  by(...statements: readonly string[]): Promise<void>;
  add(tag: string, ...statements: readonly string[]): void;
  run(...argv: readonly string[]): ReturnType<Resident['run']>;
  /** Runs it, and insists that it fails. */
  fail(...argv: readonly string[]): Promise<Failed>;
}

/** Where staging is, and what reaches it past the tool. */
export interface Place {
  /** Without it: on SQLite, with two migrations. */
  readonly project?: () => SmallProject;
  readonly configure: (project: SmallProject) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly by: (project: SmallProject, statements: readonly string[]) => Promise<void>;
}

const libsqlFile: Place = {
  configure: () => undefined,
  by: async ({ root }, statements) => inFile(join(root, 'staging.db'), statements),
};

/** Runs statements in a file of SQLite. */
export function inFile(file: string, statements: readonly string[]): void {
  using db = new DatabaseSync(file);
  for (const sql of statements) db.exec(sql);
}

export async function failing(cli: Resident, place: Place = libsqlFile): Promise<Failing> {
  const project = place.project?.() ?? smallProject();
  place.configure(project);
  const at = { cwd: project.root, env: { ...project.env, ...place.env } };
  const run: Failing['run'] = (...argv) => cli.run(argv, at);
  const applied = await run('apply', 'staging', '--yes', '--json');
  if (applied.exitCode !== 0) throw new Error(applied.stdout);
  return {
    project,
    by: (...statements) => place.by(project, statements),
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
