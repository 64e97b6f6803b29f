import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appMigrate, startAppMigrate, type AppMigrate } from '../support/app-migrate.ts';
import { atGate, goOn, isHook, waitsBeforeApply } from '../support/hook-gate.ts';
import { nameOf, program, startProgram, type Line } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

const deploy = ['deploy', 'staging', '--yes', '--json'];

describe('two deploys to one target', () => {
  test(
    'started at once, round after round: one applies, the other is told, and nothing is applied twice',
    { timeout: 240_000 },
    async () => {
      await program(deploy, at(project));
      const ends: string[] = [];
      for (let round = 0; round < 12; round += 1) {
        project.add(`1${round}_data`, ["INSERT INTO teams (name) VALUES ('one more');"]);
        const both = await Promise.all([program(deploy, at(project)), program(deploy, at(project))]);
        const winners = both.filter(({ last }) => appliedIn(last).length === 1);
        expect(winners.map(({ exitCode }) => exitCode)).toEqual([0]);
        for (const other of both.filter((one) => !winners.includes(one))) ends.push(endOf(other));
        expect(count('SELECT count(*) FROM teams')).toBe(3 + round);
        expect(count('SELECT count(*) FROM __drizzle_migrations')).toBe(3 + round);
      }
      process.stdout.write(
        `the slower ones: ${[...Map.groupBy(ends, (end) => end)].map(([end, all]) => `${end} ${all.length}`).join(', ')}\n`,
      );
      for (const end of ends) expect(['4 locked', '4 target-changed', '0 nothing to do']).toContain(end);
    },
  );

  test('the second is told who holds the lock since when, and touches nothing', async () => {
    waitsBeforeApply(project);
    await using first = await startProgram(deploy, at(project));
    await first.line(isHook);
    await atGate(project);
    const second = await program(deploy, at(project));
    expect(second.exitCode).toBe(4);
    expect(second.last).toMatchObject({ kind: 'failed', code: 'locked' });
    expect(second.last?.['message']).toMatch(/\S+@\S+ has held the lock for \d+ s, since \d\d:\d\d:\d\d UTC/);
    goOn(project);
    expect((await first.ended).exitCode).toBe(0);
  });

  test('a stopped holder whose lease ran out is taken over; when it wakes up its write is fenced off', async () => {
    waitsBeforeApply(project);
    await using late = await startProgram(deploy, at(project));
    await late.line(isHook);
    await atGate(project);
    late.signal('SIGSTOP');
    change('UPDATE __migrate_tui_lease SET expires_at = 0');
    const taker = await program(deploy, at(project));
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
    expect(count('SELECT count(*) FROM teams')).toBe(2);
    expect(count('SELECT epoch FROM __migrate_tui_lease')).toBe(2);
  });

  test.each([
    ['row that somebody deleted', 'DELETE FROM __migrate_tui_lease', 'its row is gone'],
    ['table that somebody dropped', 'DROP TABLE __migrate_tui_lease', 'its table is gone'],
  ])('a lease %s stops the run before its next migration', async (_what, sql, says) => {
    waitsBeforeApply(project);
    await using run = await startProgram(deploy, at(project));
    await run.line(isHook);
    await atGate(project);
    change(sql);
    goOn(project);
    expect((await run.ended).exitCode).toBe(4);
    expect(run.lines.at(-1)).toMatchObject({
      code: 'locked',
      message: `The lock of staging is no longer this run's: ${says}. 0000_teams was undone in full.`,
      next: 'Look at the status; migrate-tui deploy staging takes the lock anew and goes on from here.',
    });
    expect(count("SELECT count(*) FROM sqlite_schema WHERE name = 'teams'")).toBe(0);
    expect(await program(deploy, at(project))).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  });
});

describe("the app's own migrate() of drizzle-orm 0.45", () => {
  test(
    'at every step of our deploy: nothing runs twice, and what is told is true',
    { timeout: 240_000 },
    async () => {
      await program([...deploy, '--to', '0000'], at(project));
      const trial = await program(['dry-run', 'staging', '--json'], at(project));
      expect(trial.exitCode).toBe(0);
      const stops = [
        'started',
        'step-started backup',
        'step-finished backup',
        'step-started dry-run',
        'step-finished dry-run',
        'confirmed',
        'step-finished lock',
        'step-started migrate',
        'statement migrate',
        'step-finished migrate',
        'step-started verify',
      ];
      const told: string[] = [];
      for (const [round, stop] of stops.entries()) {
        project.add(`2${round}_data`, [
          "INSERT INTO teams (name) VALUES ('more');",
          `CREATE TABLE t${round} (id integer);`,
        ]);
        await using ours = await startProgram(deploy, at(project));
        await ours.line((line) => nameOf(line) === stop || nameOf(line).startsWith(`${stop} `));
        ours.signal('SIGSTOP');
        const theirs = await appMigrate(app());
        ours.signal('SIGCONT');
        const { exitCode } = await ours.ended;
        told.push(`${stop}: theirs ${theirs}, ours ${exitCode} ${codeOf(ours.lines.at(-1), 'done')}`);
        if (exitCode !== 0)
          expect(ours.lines.at(-1)).toMatchObject({
            code: expect.stringMatching(/target-changed|rehearsal-failed|busy/),
            applied: [],
          });
        expect((await program(deploy, at(project))).exitCode).toBe(0);
        expect(count('SELECT count(*) FROM teams')).toBe(3 + round);
        expect(count('SELECT count(*) FROM __drizzle_migrations')).toBe(
          count('SELECT count(DISTINCT hash) FROM __drizzle_migrations'),
        );
        expect(await appMigrate(app())).toBe('ok');
      }
      process.stdout.write(`${told.join('\n')}\n`);
    },
  );

  test('that had read the history before our deploy and writes after it is the one that fails', async () => {
    await program([...deploy, '--to', '0000'], at(project));
    const theirs = startAppMigrate(app(), 'after-a-line');
    await once(theirs.stdout, 'data');
    expect((await program(deploy, at(project))).exitCode).toBe(0);
    theirs.stdin.end('go\n');
    expect(await once(theirs, 'close')).toEqual([1, null]);
    expect(count('SELECT count(*) FROM members')).toBe(2);
    expect(count('SELECT count(*) FROM __drizzle_migrations')).toBe(2);
  });

  test('that starts between two reads of our deploy makes ours stop: what it did stays, once', async () => {
    await program([...deploy, '--to', '0000'], at(project));
    waitsBeforeApply(project);
    await using ours = await startProgram(deploy, at(project));
    await ours.line(isHook);
    await atGate(project);
    expect(await appMigrate(app())).toBe('ok');
    goOn(project);
    expect((await ours.ended).exitCode).toBe(4);
    expect(ours.lines.at(-1)).toMatchObject({ code: 'target-changed', applied: [] });
    expect(count('SELECT count(*) FROM members')).toBe(2);
    const status = await program(['status', 'staging', '--json'], at(project));
    expect(JSON.stringify(status.last)).toContain('"state":["current"]');
  });
});

function app(): AppMigrate {
  const { root } = project;
  return { file: join(root, 'staging.db'), folder: join(root, 'drizzle'), line: 'drizzle-0' };
}

function at({ root, env }: SmallProject) {
  return { cwd: root, env };
}

function appliedIn(last: Line | undefined): readonly unknown[] {
  return Array.isArray(last?.['applied']) ? last['applied'] : [];
}

function endOf({
  exitCode,
  last,
}: {
  readonly exitCode: number | null;
  readonly last: Line | undefined;
}): string {
  return `${exitCode} ${codeOf(last, 'nothing to do')}`;
}

function codeOf(last: Line | undefined, otherwise: string): string {
  const code = last?.['code'];
  return typeof code === 'string' ? code : otherwise;
}

function count(sql: string): number {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

function change(sql: string): void {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  database.exec(sql);
}
