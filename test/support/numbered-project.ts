import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { program } from './program.ts';
import { misfits } from './schemas.ts';

/** A project of numbered files in a folder of its own, for the built program. */
export interface NumberedProject extends AsyncDisposable {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  read(file: string): Promise<string>;
  remove(file: string): Promise<void>;
  /** Runs our program to its end, with `--json`. */
  ours(command: string): ReturnType<typeof program>;
  /** What a statement in one of its database files gives. */
  sql(file: string, statement: string): readonly Readonly<Record<string, unknown>>[];
}

/**
 * As a runner's documentation lays it out: one folder, two databases, companions beside the files.
 *
 * @param config keys in the place of, or beside, those of two databases on files
 */
export async function numberedProject(
  config: Readonly<Record<string, unknown>> = {},
): Promise<NumberedProject> {
  const home = await mkdtemp(join(tmpdir(), 'migrate-tui-numbered-'));
  const root = join(home, 'project');
  const env = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  const write: NumberedProject['write'] = async (files) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    }
  };
  await write({ ...files, 'migrate-tui.config.json': JSON.stringify({ ...onFiles, ...config }) });
  return {
    root,
    env,
    write,
    read: (file) => readFile(join(root, file), 'utf8'),
    remove: (file) => rm(join(root, file)),
    ours: (command) => program([...command.split(' '), '--json'], { cwd: root, env }),
    sql: (file, statement) => {
      using database = new DatabaseSync(join(root, file));
      return database.prepare(statement).all();
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

const files = {
  'migrations/0001_read_replica_schema.sql': 'CREATE TABLE tasks (\n  id TEXT PRIMARY KEY\n);\n',
  'migrations/0002_api_keys.sql': 'CREATE TABLE api_keys (\n  id TEXT PRIMARY KEY\n);\n',
  'migrations/0002_api_keys.rollback.sql':
    '-- Rollback migration 0002_api_keys\nDROP TABLE IF EXISTS api_keys;\n',
  'migrations/0003_add_vector_status.sql': 'ALTER TABLE tasks ADD COLUMN vector_status TEXT;\n',
};

const onFiles = {
  databases: {
    app: { migrations: 'migrations' },
    auth: { migrations: 'migrations', only: ['*api_keys*', '*rooms*', '*permissions*', '*user_tier*'] },
  },
  environments: {
    local: { targets: { app: 'file:app.db', auth: 'file:auth.db' } },
    staging: { targets: { app: 'file:staging-app.db', auth: 'file:staging-auth.db' } },
  },
};

/** Runs it and gives its last line; it must not fail. */
export async function done(project: NumberedProject, command: string) {
  const { exitCode, stdout, stderr, last } = await project.ours(command);
  expect(exitCode, stdout + stderr).toBe(0);
  return last;
}

/** Of each database of the environment, oldest first, and what is said of it. */
export async function statesIn(project: NumberedProject, environment: string) {
  const { stdout } = await project.ours(`status ${environment}`);
  const status = JSON.parse(stdout);
  expect(misfits('status', status)).toEqual([]);
  const targets: readonly { items: readonly { tag: string; state: string }[]; says: readonly string[] }[] =
    status.environments[0].targets;
  return targets.map(({ items, says }) => ({
    items: items.map(({ tag, state }) => `${tag} ${state}`),
    says,
  }));
}

/** Version and name of each. */
export const recordsIn = (project: NumberedProject, file: string) =>
  project
    .sql(file, 'SELECT version, name FROM _migrations ORDER BY version')
    .map((row) => Object.values(row));
