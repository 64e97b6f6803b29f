import { once } from 'node:events';
import { hostname } from 'node:os';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCli } from '../support/cli.ts';
import { folder0 } from '../support/drizzle-folders.ts';
import { gate } from '../support/gate.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let odd: OddProject;
beforeEach(async () => {
  odd = oddProject(program);
  await odd.write(folder0([{ tag: '0000_users', sql: 'CREATE TABLE users (id integer PRIMARY KEY);' }]));
  await odd.migrate();
  await odd.write(
    folder0([
      { tag: '0000_users', sql: 'CREATE TABLE users (id integer PRIMARY KEY);' },
      { tag: '0001_rooms', sql: 'CREATE TABLE rooms (id integer PRIMARY KEY);' },
    ]),
  );
});
afterEach(() => odd[Symbol.dispose]());

const holder = () => odd.rows('SELECT run, held_by FROM __migrate_tui_lease');

describe('the lock of a run that was killed', () => {
  test('is named with who, where and since when, and taken over on request', async () => {
    await killedDeploy();
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'left-lock',
        tag: 'run 1',
        verdict: 'its lock was left',
        options: [{ id: 'take-over', recommended: true, allowed: true }],
      },
    ]);
    expect(cases[0]?.evidence).toEqual([
      expect.stringMatching(
        new RegExp(
          `^ann@${hostname()} took the lock \\d+ \\w+ \\d{4} \\d\\d:\\d\\d UTC, and had committed no migration\\.$`,
        ),
      ),
      'Its process on this machine is gone.',
      'Backup b1 is from before it.',
    ]);
    const done = await odd.choose('take-over');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(await holder()).toMatchObject([{ run: null }]);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });

  test('on another machine is left only once it has run out', async () => {
    await killedDeploy();
    await odd.sql(
      "UPDATE __migrate_tui_lease SET run = '7.1.elsewhere.ab', host = 'build-3', tag = '0001_rooms'",
    );
    expect((await odd.cases()).cases.map(({ situation }) => situation)).not.toContain('left-lock');
    expect(await odd.choose('take-over')).toMatchObject({ exitCode: 4, last: { code: 'locked' } });
    await odd.sql('UPDATE __migrate_tui_lease SET expires_at = 1');
    const { cases } = await odd.cases();
    expect(cases).toMatchObject([{ situation: 'left-lock', tag: 'run 7' }]);
    expect(cases[0]?.evidence.slice(0, 2)).toEqual([
      expect.stringMatching(/^ann@build-3 took the lock .* and was last in 0001_rooms\.$/),
      'It has given no sign of life for longer than a lock is good for.',
    ]);
    expect(await odd.choose('take-over')).toMatchObject({ exitCode: 0 });
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });
});

/** Killed while it holds the lock, before its first migration. */
async function killedDeploy(): Promise<void> {
  const stand = gate(odd.project, 'beforeApply', 'staging');
  const env = { ...odd.project.env, MIGRATE_TUI_USER: 'ann' };
  const deploy = startCli(['deploy', 'staging', '--yes', '--json'], { cwd: odd.root, env });
  await stand.reached();
  deploy.kill('SIGKILL');
  await once(deploy, 'close');
  odd.project.configure({ hooks: {} });
}
