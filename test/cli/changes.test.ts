import { on } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cli, ended, startCli } from '../support/cli.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

function run(...args: readonly string[]) {
  return cli(args, { cwd: project.root, env: project.env });
}

async function events(...args: readonly string[]): Promise<{ exitCode: number | null; lines: Line[] }> {
  const { exitCode, stdout } = await run(...args, '--json');
  return { exitCode, lines: linesOf(stdout) };
}

type Line = Readonly<Record<string, unknown>>;

function linesOf(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function count(environment: string, table: string): number {
  using database = new DatabaseSync(join(project.root, `${environment}.db`), { readOnly: true });
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
}

describe('deploy', () => {
  test('--yes --json ends with done; every line is an event of the published shape', async () => {
    const { exitCode, lines } = await events('deploy', 'staging', '--yes');
    expect(exitCode).toBe(0);
    expect(lines.at(-1)).toMatchObject({
      kind: 'done',
      applied: [{ tag: '0000_teams' }, { tag: '0001_members' }],
    });
    expect(lines[0]).toMatchObject({ kind: 'started', environment: 'staging' });
    for (const line of lines) expect(misfits('event', line)).toEqual([]);
    expect(count('staging', 'members')).toBe(2);
  });

  test('for people: a line a step on stderr, the result with its run on stdout', async () => {
    const { exitCode, stdout, stderr } = await run('deploy', 'staging', '--yes');
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^deploy staging, database app, run 1/);
    expect(stderr).toMatch(/✓ apply .* ms {2}app 0001_members: applied/);
    expect(stdout).toMatch(/^✓ .*\(run 1\)/);
    expect(stdout).not.toContain('\u001b');
  });

  test('again: nothing to do is exit 0 and says so, also without --yes', async () => {
    await run('deploy', 'staging', '--yes');
    const { exitCode, stdout } = await run('deploy', 'staging');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/[Nn]othing/);
  });

  test('without a terminal and without --yes it is refused with the command to run, and nothing is made', async () => {
    const { exitCode, stderr } = await run('deploy', 'production', '--to', '0000');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('migrate-tui deploy production --to 0000 --yes --confirm production');
    expect(existsSync(join(project.root, 'production.db'))).toBe(false);
  });

  test('what a refusal says to run takes the same migrations, and no others', async () => {
    const to = await run('deploy', 'production', '--to', '0000', '--yes');
    expect(to.exitCode).toBe(4);
    expect(to.stderr).toContain('migrate-tui deploy production --to 0000 --yes --confirm production');
    await run('dry-run', 'production', '--only', '0000', '--out', 'plan.json');
    const file = join(project.root, 'plan.json');
    const planned = await run('deploy', 'production', '--plan', 'plan.json', '--yes');
    expect(planned.stderr).toContain(
      `migrate-tui deploy production --plan ${file} --yes --confirm production`,
    );
  });

  test('a protected environment wants its name besides --yes, and the right one', async () => {
    expect(await run('deploy', 'production', '--yes')).toMatchObject({ exitCode: 4 });
    expect(await run('deploy', 'production', '--yes', '--confirm', 'staging')).toMatchObject({ exitCode: 4 });
    expect(existsSync(join(project.root, 'production.db'))).toBe(false);
    expect(await run('deploy', 'production', '--yes', '--confirm', 'production')).toMatchObject({
      exitCode: 0,
    });
  });

  test('--through brings every environment before it along, in order', async () => {
    const { exitCode, lines } = await events(
      'deploy',
      'production',
      '--through',
      '--yes',
      '--confirm',
      'production',
    );
    expect(exitCode).toBe(0);
    const order = lines.filter(({ kind }) => kind === 'started').map(({ environment }) => environment);
    expect(order).toEqual(['local', 'staging', 'production']);
  });

  test('a statement that fails in the rehearsal is exit 4 and leaves the target as it was', async () => {
    await run('deploy', 'staging', '--yes');
    project.add('0002_broken', ['INSERT INTO nowhere VALUES (1);']);
    const { exitCode, lines } = await events('deploy', 'staging', '--yes');
    expect(exitCode).toBe(4);
    expect(lines.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, applied: [] });
    expect(misfits('event', lines.at(-1))).toEqual([]);
  });
});

describe('dry-run', () => {
  test('writes its plan where --out says; deploy --plan carries it out with its hash', async () => {
    const rehearsal = await events('dry-run', 'production', '--out', 'plan.json');
    expect(rehearsal.exitCode).toBe(0);
    const { stdout } = await run('dry-run', 'production');
    expect(stdout).toMatch(/evidence, database app: .*\n {2}members {2}- {2}2 {2}\+2/);
    expect(stdout).toMatch(/^✓ 2 migrations rehearsed for production; it was only read\. \d+ ms \(run 2\)$/m);
    expect(stdout).toMatch(
      /^ {2}next {8}To apply exactly this: migrate-tui deploy production --yes --confirm production --plan \S+$/m,
    );
    const rehearsed = rehearsal.lines.find(({ kind }) => kind === 'rehearsed');
    expect(existsSync(join(project.root, 'production.db'))).toBe(false);
    const confirm = `production@${String(rehearsed?.['hash'])}`;
    const deploy = await events('deploy', 'production', '--plan', 'plan.json', '--yes', '--confirm', confirm);
    expect(deploy).toMatchObject({ exitCode: 0 });
    expect(count('production', 'teams')).toBe(2);
  });
});

describe('backup and restore', () => {
  test('a restore brings the exact rows back and keeps the present ones in a backup', async () => {
    await run('deploy', 'staging', '--yes');
    const taken = await events('backup', 'staging');
    const id = String(taken.lines.at(-1)?.['backup']);
    expect(id).toMatch(/^b\d+$/);
    project.add('0002_more', ["INSERT INTO teams (name) VALUES ('green');"]);
    await run('deploy', 'staging', '--yes');
    expect(count('staging', 'teams')).toBe(3);
    expect(await run('restore', 'staging', id)).toMatchObject({ exitCode: 4 });
    expect(await events('restore', 'staging', id, '--yes')).toMatchObject({ exitCode: 0 });
    expect(count('staging', 'teams')).toBe(2);
    expect((await run('backups', 'staging')).stdout).toContain(id);
  });
});

describe('runs', () => {
  test('are listed newest first and shown step by step, also by --follow after their end', async () => {
    await run('deploy', 'local', '--yes');
    await run('deploy', 'staging', '--yes');
    const { stdout } = await run('runs');
    expect(stdout).toMatch(/^ +2 {2}✓ done {2}deploy {2}staging/);
    expect((await run('show', '2')).stdout).toMatch(/✓ apply .* ms {2}app 0001_members: applied/);
    const followed = await run('show', '2', '--follow', '--json');
    expect(followed.exitCode).toBe(0);
    expect(linesOf(followed.stdout).at(-1)).toMatchObject({ kind: 'done', run: 2 });
  });
});

describe('readers and signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 130],
    ['SIGHUP', 130],
  ] as const)('%s ends the run at the next boundary, and says so', async (signal, expected) => {
    project.configure({ hooks: { beforeApply: hookThatWaits } });
    const child = startCli(['deploy', 'staging', '--yes'], { cwd: project.root, env: project.env });
    const end = ended(child);
    await fileAppears('waiting');
    child.kill(signal);
    await text(child.stderr, `${signal}: the run ends at the next boundary.`);
    writeFileSync(join(project.root, 'go'), '');
    expect(await end).toMatchObject({ exitCode: expected });
    expect(await run('status', 'staging', '--check')).toMatchObject({ exitCode: 3 });
    expect((await run('runs')).stdout).toContain('stopped');
  });

  test('a second SIGINT ends the process; the next deploy completes', async () => {
    project.configure({ hooks: { beforeApply: hookThatWaits } });
    const child = startCli(['deploy', 'staging', '--yes'], { cwd: project.root, env: project.env });
    const end = ended(child);
    await fileAppears('waiting');
    child.kill('SIGINT');
    await text(child.stderr, 'next boundary');
    child.kill('SIGINT');
    expect((await end).exitCode).toBe(130);
    writeFileSync(join(project.root, 'go'), '');
    expect(await run('deploy', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  });

  test('a reader that goes away ends the run at a boundary, without a crash', async () => {
    for (let i = 2; i < 60; i++)
      project.add(`00${i}_table`, [`CREATE TABLE t${i} (id integer PRIMARY KEY);`]);
    const child = startCli(['deploy', 'staging', '--yes', '--json'], { cwd: project.root, env: project.env });
    child.stdout.once('data', () => child.stdout.destroy());
    const { exitCode, stderr } = await ended(child);
    expect([0, 5, 130]).toContain(exitCode);
    expect(stderr).not.toMatch(/EPIPE|at .*\.ts:/);
    expect(await run('deploy', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  });

  test('a reader that reads nothing holds nothing up', async () => {
    for (let i = 2; i < 100; i++) {
      const many = Array.from({ length: 10 }, (_, j) => `CREATE TABLE t${i}_${j} (id integer PRIMARY KEY);`);
      project.add(`${String(i).padStart(4, '0')}_table`, many);
    }
    const child = startCli(['deploy', 'staging', '--yes', '--json'], { cwd: project.root, env: project.env });
    // Nobody listens to its stdout yet, so nothing of it is read.
    await until(async () => (await events('runs')).lines[0], 'done');
    const { stdout, exitCode } = await ended(child);
    expect(exitCode).toBe(0);
    expect(linesOf(stdout).at(-1)).toMatchObject({ kind: 'done' });
  });
});

async function until(look: () => Promise<unknown>, outcome: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if (JSON.stringify((await look()) ?? '').includes(`"outcome":"${outcome}"`)) return;
  }
  throw new Error(`No run was ${outcome}.`);
}

const hookThatWaits = 'touch waiting; while [ ! -f go ]; do sleep 0.02; done';

async function fileAppears(name: string): Promise<void> {
  for await (const _ of watch(project.root, { signal: AbortSignal.timeout(30_000) })) {
    if (existsSync(join(project.root, name))) return;
  }
}

async function text(stream: Readable, wanted: string): Promise<void> {
  let seen = '';
  for await (const [chunk] of on(stream, 'data', { signal: AbortSignal.timeout(30_000) })) {
    seen += String(chunk);
    if (seen.includes(wanted)) return;
  }
}
