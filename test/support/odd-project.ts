import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Client } from '@libsql/client';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import type { RecoveryCase } from '../../src/operations/reports.ts';
import { writeFiles } from './drizzle-folders.ts';
import { drizzleLines } from './drizzle-lines.ts';
import type { Answered, Resident } from './resident.ts';
import { misfits } from './schemas.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** A project whose staging database and folder are brought into a situation by those who really do: drizzle-orm, a shell. */
export interface OddProject extends Disposable {
  readonly root: string;
  readonly project: SmallProject;
  /** Replaces the migration folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** The application's own `migrate()` on staging. */
  migrate(line?: DrizzleLine): Promise<void>;
  /** Runs SQL on staging. */
  sql(text: string): Promise<void>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Runs our program to its end. */
  program(...args: readonly string[]): Promise<Answered>;
  /** `recover staging --json`, held against its schema. */
  cases(...args: readonly string[]): Promise<Asked>;
  /** `recover staging --choose …` with consent. */
  choose(option: string, ...args: readonly string[]): Promise<Answered>;
}

export interface Asked {
  readonly exitCode: number | null;
  readonly cases: readonly RecoveryCase[];
}

export function oddProject(program: Resident): OddProject {
  const project = smallProject();
  const folder = join(project.root, 'drizzle');
  const run = (args: readonly string[]) => program.run(args, { cwd: project.root, env: project.env });
  const withClient = async <Value>(work: (client: Client) => Promise<Value>): Promise<Value> => {
    const client = createClient({ url: `file:${join(project.root, 'staging.db')}` });
    try {
      return await work(client);
    } finally {
      client.close();
    }
  };
  return {
    root: project.root,
    project,
    write: async (files) => {
      rmSync(folder, { recursive: true, force: true });
      await writeFiles(folder, files);
    },
    migrate: (line = 'drizzle-0') => withClient((client) => drizzleLines[line].migrate(client, folder)),
    sql: (text) => withClient((client) => client.executeMultiple(text)),
    rows: (sql) => withClient(async (client) => (await client.execute(sql)).rows.map((row) => ({ ...row }))),
    program: (...args) => run(args),
    cases: async (...args) => {
      const { exitCode, stdout, stderr } = await run(['recover', 'staging', ...args, '--json']);
      if (stdout === '') throw new Error(stderr);
      const report = JSON.parse(stdout);
      const wrong = misfits('recovery', report);
      if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${stdout}${stderr}`);
      return { exitCode, cases: report.cases };
    },
    choose: (option, ...args) => run(['recover', 'staging', '--choose', option, '--yes', ...args, '--json']),
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}
