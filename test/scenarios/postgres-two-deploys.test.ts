import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { drizzleLinesOnPostgres } from '../support/drizzle-lines-postgres.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { atGate, goOn, isHook, waitsBeforeApply } from '../support/hook-gate.ts';
import { nameOf, program, startProgram, type Line } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: PostgresServer;
let built: string;
beforeAll(async () => {
  server = await postgresServer();
  built = await builtPackage();
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

let project: SmallProject;
let database: PostgresDatabase;
beforeEach(async () => {
  database = await server.createDatabase();
  project = smallProject('empty', 'postgresql');
  project.configure({ environments: { staging: { targets: { app: 'env:STAGING_URL' } } } });
  project.add('0000_teams', [
    'CREATE TABLE teams (id serial PRIMARY KEY, name text NOT NULL);',
    "INSERT INTO teams (name) VALUES ('red'), ('blue');",
  ]);
  project.add('0001_members', [
    'CREATE TABLE members (id serial PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id) ON DELETE CASCADE);',
    'INSERT INTO members (team_id) SELECT id FROM teams;',
  ]);
});
afterEach(async () => {
  project[Symbol.dispose]();
  await database[Symbol.asyncDispose]();
});

const deploy = ['deploy', 'staging', '--yes', '--json'];

describe('two deploys to one PostgreSQL database', () => {
  test('started at once from two folders, round after round: one applies, the other is told, and nothing is applied twice', async () => {
    await program(deploy, at());
    await using folder = await temporaryFolder();
    const ends: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      project.add(`1${round}_data`, ["INSERT INTO teams (name) VALUES ('one more');"]);
      const both = await Promise.all([program(deploy, at()), program(deploy, elsewhere(folder.path))]);
      const winners = both.filter(({ last }) => appliedIn(last).length === 1);
      expect(winners.map(({ exitCode }) => exitCode)).toEqual([0]);
      for (const other of both.filter((one) => !winners.includes(one))) {
        ends.push(`${other.exitCode} ${codeOf(other.last, 'nothing to do')}`);
      }
      expect(await count('teams')).toBe(3 + round);
      expect(await count('drizzle.__drizzle_migrations')).toBe(3 + round);
    }
    for (const end of ends) expect(['4 locked', '4 target-changed', '0 nothing to do']).toContain(end);
  }, 120_000);

  test('the second is told who holds the lock since when, and touches nothing', async () => {
    waitsBeforeApply(project);
    await using first = await startProgram(deploy, at());
    await first.line(isHook);
    await atGate(project);
    const second = await program(deploy, at());
    expect(second.exitCode).toBe(4);
    expect(second.last).toMatchObject({ kind: 'failed', code: 'locked' });
    expect(second.last?.['message']).toMatch(/\S+@\S+ has held the lock for \d+ s, since \d\d:\d\d:\d\d UTC/);
    goOn(project);
    expect((await first.ended).exitCode).toBe(0);
  });

  test('a stopped holder whose lease ran out is taken over; when it wakes up its write is fenced off', async () => {
    waitsBeforeApply(project);
    await using late = await startProgram(deploy, at());
    await late.line(isHook);
    await atGate(project);
    late.signal('SIGSTOP');
    await ask('UPDATE __migrate_tui.lease SET expires_at = 0');
    const taker = await program(deploy, at());
    expect(taker.exitCode).toBe(0);
    const notices = taker.lines.filter(({ kind }) => kind === 'notice').map(({ message }) => message);
    expect(notices.join('\n')).toMatch(/left the lock of app; its lease had run out and was taken over/);
    goOn(project);
    late.signal('SIGCONT');
    const { exitCode } = await late.ended;
    expect(late.lines.at(-1)).toMatchObject({ kind: 'failed', code: 'locked', applied: [] });
    expect(late.lines.at(-1)?.['message']).toMatch(
      /The lock of staging is no longer this run's: .* 0000_teams was undone in full/,
    );
    expect(exitCode).toBe(4);
    expect(await count('teams')).toBe(2);
    expect(await ask('SELECT epoch::int AS n FROM __migrate_tui.lease')).toBe(2);
  });

  test.each([
    ['row that somebody deleted', 'DELETE FROM __migrate_tui.lease', 'its row is gone'],
    ['table that somebody dropped with its schema', 'DROP SCHEMA __migrate_tui CASCADE', 'its table is gone'],
  ])('a lease %s stops the run before its next migration', async (_what, sql, says) => {
    waitsBeforeApply(project);
    await using run = await startProgram(deploy, at());
    await run.line(isHook);
    await atGate(project);
    await ask(sql);
    goOn(project);
    expect((await run.ended).exitCode).toBe(4);
    expect(run.lines.at(-1)).toMatchObject({
      code: 'locked',
      message: `The lock of staging is no longer this run's: ${says}. 0000_teams was undone in full.`,
      next: 'Look at the status; migrate-tui deploy staging takes the lock anew and goes on from here.',
    });
    expect(await ask("SELECT count(to_regclass('teams'))::int AS n")).toBe(0);
    expect(await program(deploy, at())).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  });
});

describe("the app's own migrate() on PostgreSQL", () => {
  test('at each step of our deploy: nothing runs twice, and what is told is true', async () => {
    await program([...deploy, '--to', '0000'], at());
    const stops = ['step-finished backup', 'step-finished lock', 'statement migrate', 'step-started verify'];
    for (const [round, stop] of stops.entries()) {
      project.add(`2${round}_data`, [
        "INSERT INTO teams (name) VALUES ('more');",
        `CREATE TABLE t${round} (id integer);`,
      ]);
      await using ours = await startProgram(deploy, at());
      await ours.line((line) => nameOf(line) === stop || nameOf(line).startsWith(`${stop} `));
      ours.signal('SIGSTOP');
      const theirs = appMigrate();
      // In the middle of a migration the app waits for ours.
      await Promise.race([theirs, expect.poll(waiting, { timeout: 20_000, interval: 20 }).toBe(1)]);
      ours.signal('SIGCONT');
      await theirs;
      const { exitCode } = await ours.ended;
      if (exitCode !== 0)
        expect(ours.lines.at(-1)).toMatchObject({
          code: expect.stringMatching(/target-changed|rehearsal-failed|busy/),
          applied: [],
        });
      expect((await program(deploy, at())).exitCode).toBe(0);
      expect(await count('teams')).toBe(3 + round);
      expect(await count('drizzle.__drizzle_migrations')).toBe(3 + round);
      expect(await ask('SELECT count(DISTINCT hash)::int AS n FROM drizzle.__drizzle_migrations')).toBe(
        3 + round,
      );
      expect(await appMigrate()).toBe('ok');
    }
  }, 120_000);
});

describe('rows that no statement says it takes', () => {
  test.each([
    ['a DELETE whose children go by ON DELETE CASCADE', 'cascade', 'DELETE FROM teams;', 'members=2'],
    [
      'a DELETE whose children lose their value by ON DELETE SET NULL',
      'set null',
      'DELETE FROM teams;',
      'members=2',
    ],
    ['a TRUNCATE that takes other tables along', 'restrict', 'TRUNCATE teams CASCADE;', 'members=2'],
  ])(
    '%s is refused, also with --yes, and done where the loss is accepted',
    async (_title, action, sql, loss) => {
      project.add('0002_action', [
        'ALTER TABLE members DROP CONSTRAINT members_team_id_fkey, ALTER COLUMN team_id DROP NOT NULL;',
        `ALTER TABLE members ADD CONSTRAINT members_team FOREIGN KEY (team_id) REFERENCES teams ON DELETE ${action};`,
      ]);
      expect((await program(deploy, at())).exitCode).toBe(0);
      project.add('0003_next', [sql]);
      const refused = await program(deploy, at());
      expect(refused).toMatchObject({
        exitCode: 4,
        last: { kind: 'failed', code: 'rows-lost', applied: [] },
      });
      expect(refused.last?.['message']).toContain('members');
      expect(await count('members WHERE team_id IS NOT NULL')).toBe(2);
      const accepted = await program([...deploy, '--accept-loss', loss], at());
      expect(accepted).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
      expect(await count('teams')).toBe(0);
      expect(await count('members WHERE team_id IS NOT NULL')).toBe(0);
    },
  );
});

async function appMigrate(): Promise<'ok' | 'failed'> {
  await using client = await database.connect();
  return await drizzleLinesOnPostgres['drizzle-0'](client, { folder: join(project.root, 'drizzle') }).then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
}

function waiting(): Promise<number> {
  return ask(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
}

function at() {
  return { cwd: project.root, env: { ...project.env, STAGING_URL: database.url }, built };
}

/** Somebody else's checkout, with a record of runs of its own. */
function elsewhere(home: string) {
  const cwd = join(home, 'project');
  cpSync(join(project.root, 'drizzle'), join(cwd, 'drizzle'), { recursive: true });
  for (const file of ['package.json', 'migrate-tui.config.json'])
    copyFileSync(join(project.root, file), join(cwd, file));
  return { ...at(), cwd, env: { ...at().env, XDG_STATE_HOME: join(home, 'state') } };
}

function appliedIn(last: Line | undefined): readonly unknown[] {
  return Array.isArray(last?.['applied']) ? last['applied'] : [];
}

function codeOf(last: Line | undefined, otherwise: string): string {
  const code = last?.['code'];
  return typeof code === 'string' ? code : otherwise;
}

function count(of: string): Promise<number> {
  return ask(`SELECT count(*)::int AS n FROM ${of}`);
}

/** The number that it gives. */
async function ask(sql: string): Promise<number> {
  await using client = await database.connect();
  const { rows } = await client.query<{ readonly n: number }>(sql);
  return rows[0]?.n ?? Number.NaN;
}
