import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { appMigrate } from '../support/app-migrate.ts';
import { folder1, writeFiles } from '../support/drizzle-folders.ts';
import { nameOf, program, startProgram } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
afterEach(() => project[Symbol.dispose]());

const deploy = ['deploy', 'staging', '--yes', '--json'];
const moments = [
  'started',
  'step-finished backup',
  'step-finished dry-run',
  'step-finished lock',
  'statement migrate',
  'step-finished migrate',
];

test(
  "the app's own migrate() of drizzle-orm 1.0 at steps of our deploy: nothing runs twice, and what is told is true",
  { timeout: 240_000 },
  async () => {
    project = smallProject();
    const folder = join(project.root, 'drizzle');
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    await add('20260101000000_teams', 'CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL);');
    const at = { cwd: project.root, env: project.env };
    expect((await program(deploy, at)).exitCode).toBe(0);
    const app = { file: join(project.root, 'staging.db'), folder, line: 'drizzle-1' } as const;
    for (const [round, moment] of moments.entries()) {
      const sql = `INSERT INTO teams (name) VALUES ('more');\n--> statement-breakpoint\nCREATE TABLE t${round} (id integer);`;
      await add(`2026020${round + 1}000000_data`, sql);
      await using ours = await startProgram(deploy, at);
      await ours.line((line) => nameOf(line) === moment);
      ours.signal('SIGSTOP');
      await appMigrate(app);
      ours.signal('SIGCONT');
      const { exitCode } = await ours.ended;
      if (exitCode !== 0) expect(ours.lines.at(-1)).toMatchObject({ exitCode: 4, applied: [] });
      expect((await program(deploy, at)).exitCode).toBe(0);
      expect(count('SELECT count(*) FROM teams')).toBe(round + 1);
      expect(count('SELECT count(*) FROM __drizzle_migrations')).toBe(round + 2);
      expect(await appMigrate(app)).toBe('ok');
      expect(count('SELECT count(*) FROM __drizzle_migrations')).toBe(round + 2);
    }
  },
);

function add(tag: string, sql: string): Promise<void> {
  return writeFiles(join(project.root, 'drizzle'), folder1([{ tag, sql }]));
}

function count(sql: string): number {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}
