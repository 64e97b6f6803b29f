import { createClient } from '@libsql/client';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SquashRequest } from '../../src/operations/squash/report.ts';
import { cli } from '../support/cli.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { carryOut, consent, statusIn } from '../support/in-process.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { addAfter, deployIn, squashIn } from '../support/squashing.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
  project.add('0002_index', [
    'CREATE INDEX members_team ON members (team_id);',
    'CREATE TRIGGER gone AFTER DELETE ON teams BEGIN DELETE FROM members WHERE team_id = old.id; END;',
    "CREATE VIEW red AS SELECT id FROM teams WHERE name = 'red';",
  ]);
  project.add('0003_green', ["INSERT INTO teams (name) VALUES ('green');"]);
});
afterEach(() => project[Symbol.dispose]());

describe('a history of Drizzle 0.x', () => {
  test('becomes one file, and a database that ran the last of it is current without a write', async () => {
    for (const name of ['local', 'staging', 'production']) await deploy(name);
    const before = readFileSync(join(project.root, 'production.db'));
    const proven = await ask({});
    expect(proven).toMatchObject({ state: 'possible', refusals: [], baseline: { tag: '0003_green' } });
    expect(proven.proof.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'git not-possible',
      'repeatable proven',
      'schema proven',
      'rows proven',
      'generate not-possible',
    ]);
    expect(files()).toContain('0000_teams.sql');
    expect(await ask({ consent: 'given' })).toMatchObject({ state: 'written' });
    expect(files()).toEqual(['0003_green.sql', 'meta']);
    for (const name of ['local', 'staging', 'production']) {
      const { state, items } = await statusIn(project, name);
      expect(state).toEqual(['current']);
      expect(items.map((item) => `${item.tag} ${item.state}`)).toEqual([
        '0000_teams squashed',
        '0001_members squashed',
        '0002_index squashed',
        '0003_green applied',
      ]);
      expect(await migrate(name)).toBe(4);
    }
    expect(readFileSync(join(project.root, 'production.db'))).toEqual(before);
  });

  test('tells a program each proof as it is known, and the whole at the end', async () => {
    const { exitCode, stdout } = await cli(['squash', '--stream', '--json'], {
      cwd: project.root,
      env: project.env,
    });
    expect(exitCode).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const report = lines.pop();
    expect(misfits('squash', report)).toEqual([]);
    for (const line of lines) expect(misfits('squash-proof', line)).toEqual([]);
    expect(report).toMatchObject({
      proof: lines.map((line) =>
        typeof line === 'object' && line !== null && 'proof' in line ? line.proof : line,
      ),
    });
    expect(lines).toHaveLength(5);
    expect((await cli(['squash', '--stream'], { cwd: project.root, env: project.env })).exitCode).toBe(2);
  });

  test('the next migration runs under drizzle-orm where the originals ran and where only the one file did', async () => {
    for (const name of ['local', 'staging', 'production']) await deploy(name);
    await ask({ consent: 'given' });
    addAfter(project, '0004_blue', 'ALTER TABLE teams ADD colour text;');
    expect(await migrate('local')).toBe(5);
    expect(await migrate('fresh')).toBe(2);
    expect(await content('fresh')).toEqual(await content('local'));
    await deploy('staging');
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
  });

  test('is refused by name while an environment is in the middle of it, and possible up to there', async () => {
    await deploy('local');
    await deploy('staging');
    await deploy('production', '0001');
    const refused = await ask({ consent: 'given' });
    expect(refused).toMatchObject({ state: 'refused' });
    expect(refused.refusals.join()).toMatch(
      /^production is at 0001_members, inside the range: 0002_index and 1 more of these did not run there: migrate-tui deploy production/,
    );
    expect(files()).toContain('0000_teams.sql');
    expect(refused.next).toContain('migrate-tui squash --to 0001_members');
    expect(await ask({ to: '0001' })).toMatchObject({ state: 'possible', refusals: [] });
  });

  test('a database in the middle that nobody asked is behind, and a deploy brings it on through the originals', async () => {
    await deploy('local');
    await deploy('staging');
    await deploy('production', '0001');
    await ask({ consent: 'given', leaveOut: ['production'] });
    const middle = await statusIn(project, 'production');
    expect(middle.state).toEqual(['behind']);
    expect(middle.items.map(({ tag, state }) => `${tag} ${state}`)).toEqual([
      '0000_teams applied',
      '0001_members applied',
      '0002_index pending',
      '0003_green pending',
    ]);
    await deploy('production');
    expect(await statusIn(project, 'production')).toMatchObject({ state: ['current'], pending: 0 });
    expect(await content('production')).toEqual(await content('local'));
    expect(await migrate('production')).toBe(4);
  });

  test('a backup from the middle, restored after the squash, is brought on as well', async () => {
    await deploy('local', '0002');
    const backup = (
      await carryOut(project, {
        kind: 'backup',
        environment: 'local',
        databases: undefined,
        tables: undefined,
      })
    ).at(-1);
    for (const name of ['local', 'staging', 'production']) await deploy(name);
    await ask({ consent: 'given' });
    const restored = await carryOut(project, {
      kind: 'restore',
      environment: 'local',
      backup: backup?.kind === 'done' ? (backup.backup ?? '') : '',
      database: undefined,
      tables: undefined,
      consent,
    });
    expect(restored.at(-1)).toMatchObject({ kind: 'done' });
    expect((await statusIn(project, 'local')).state).toEqual(['behind']);
    await deploy('local');
    expect(await content('local')).toEqual(await content('staging'));
  });

  test('its beginning up to a migration leaves the rest as it is', async () => {
    await deploy('staging');
    await ask({ to: '0002', consent: 'given' });
    expect(files()).toEqual(['0002_index.sql', '0003_green.sql', 'meta']);
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
    await migrate('fresh');
    expect(await content('fresh')).toEqual(await content('staging'));
    // And that again, with what was squashed before in it.
    await ask({ consent: 'given' });
    expect(files()).toEqual(['0003_green.sql', 'meta']);
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
    rmSync(join(project.root, 'fresh.db'));
    await migrate('fresh');
    expect(await content('fresh')).toEqual(await content('staging'));
  });

  test('is put back byte for byte, with what was made since', async () => {
    await deploy('staging');
    const before = snapshotOf();
    await ask({ consent: 'given' });
    expect(await ask({ what: 'undo', consent: 'given' })).toMatchObject({ state: 'undone' });
    expect(snapshotOf()).toEqual(before);
    expect(existsSync(join(project.root, 'drizzle.squashed'))).toBe(false);
    await ask({ consent: 'given' });
    addAfter(project, '0004_blue', 'ALTER TABLE teams ADD colour text;');
    await ask({ what: 'undo', consent: 'given' });
    await deploy('staging');
    expect((await statusIn(project, 'staging')).applied).toBe(5);
  });

  test('is not put back once an environment was made from the one file', async () => {
    await deploy('staging');
    await ask({ consent: 'given' });
    await deploy('local');
    const report = await ask({ what: 'undo', consent: 'given' });
    expect(report.state).toBe('refused');
    expect(report.refusals.join()).toMatch(/^local: it has the record of 0003_green alone/);
    expect(report.next).toContain('squash --undo --leave-out local');
    expect(files()).toEqual(['0003_green.sql', 'meta']);
    expect(report.next).toMatch(/then migrate-tui baseline local --at 0003_green$/);
    await ask({ what: 'undo', consent: 'given', leaveOut: ['local'] });
    const records = await carryOut(project, {
      kind: 'baseline',
      environment: 'local',
      database: undefined,
      at: '0003_green',
      consent,
    });
    expect(records.at(-1)).toMatchObject({ kind: 'done' });
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 4 });
  });

  test('is refused where others install the application', async () => {
    await deploy('staging');
    project.configure({ installations: 'unknown' });
    expect((await ask({ consent: 'given' })).refusals.join()).toMatch(/others install this application/);
  });

  test('is refused while an environment does not answer, unless that is left out by name', async () => {
    await deploy('local');
    project.configureEnvironment('staging', { targets: { app: 'libsql://127.0.0.1:1' } });
    writeFileSync(
      join(project.root, 'production.db'),
      'no database, but long enough to be looked at. '.repeat(50),
    );
    const report = await ask({ consent: 'given', leaveOut: ['staging'] });
    expect(report.refusals).toHaveLength(1);
    expect(report.refusals[0]).toMatch(/^production did not answer: .*--leave-out production/);
    expect(await ask({ consent: 'given', leaveOut: ['staging', 'production'] })).toMatchObject({
      state: 'written',
    });
  });

  test('is refused for rows that differ from replay to replay until they are accepted with a reason', async () => {
    project.add('0004_stamp', [
      "CREATE TABLE stamps (at text); INSERT INTO stamps VALUES (datetime('now'));",
    ]);
    const report = await ask({ consent: 'given' });
    expect(report.refusals.join()).toMatch(/Rows of stamps are not the same each time/);
    const accepted = [{ table: 'stamps', reason: 'nobody reads it' }];
    expect(await ask({ consent: 'given', accepted })).toMatchObject({ state: 'written' });
  });

  test('is refused while the folder has changes that git does not have', async () => {
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: project.root });
    git('init', '-q');
    git('add', 'drizzle');
    expect((await ask({ consent: 'given' })).refusals.join()).toMatch(
      /uncommitted changes in the migration folder/,
    );
    git('commit', '-qm', 'all');
    const report = await ask({ consent: 'given' });
    expect(report.state).toBe('written');
    expect(report.proof[0]).toMatchObject({ check: 'git', state: 'proven' });
  });
});

const deploy = (environment: string, to?: string) => deployIn(project, environment, to);

test('a squash and its undo that the disk refuses say so and leave every file as it was', async () => {
  const files = () => readdirSync(join(project.root, 'drizzle'), { recursive: true }).map(String).join('\n');
  const inTheWay = join(project.root, 'drizzle.squashed', 'manifest.json.new');
  const originals = files();
  mkdirSync(inTheWay, { recursive: true });
  await expect(ask({ consent: 'given' })).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringMatching(/drizzle cannot be replaced: /),
  });
  expect(files()).toEqual(originals);
  rmSync(inTheWay, { recursive: true });
  await ask({ consent: 'given' });
  const squashed = files();
  const extra = `${join(project.root, 'drizzle.squashed', '0003_green')}.extra`;
  mkdirSync(extra);
  writeFileSync(`${join(project.root, 'drizzle')}.extra`, '');
  await expect(ask({ what: 'undo', consent: 'given' })).rejects.toMatchObject({ code: 'storage' });
  expect(files()).toEqual(squashed);
});

const ask = (request: Partial<SquashRequest>) => squashIn(project, request);

/** drizzle-orm's own, and how many records there are then. */
async function migrate(name: string): Promise<number> {
  const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
  try {
    await drizzleLines['drizzle-0'].migrate(client, join(project.root, 'drizzle'));
    const { rows } = await client.execute('SELECT count(*) AS n FROM __drizzle_migrations');
    return Number(rows[0]?.['n']);
  } finally {
    client.close();
  }
}

/** Tables, what stands on them, and rows. */
async function content(name: string): Promise<unknown> {
  const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
  try {
    const found: unknown[] = [];
    for (const table of ['teams', 'members']) {
      const { columns, rows } = await client.execute(`SELECT rowid AS r, * FROM ${table} ORDER BY r`);
      found.push(
        table,
        columns,
        rows.map((row) => Object.values(row)),
      );
    }
    const { rows } = await client.execute(
      "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY 1, 2",
    );
    return [...found, rows.map((row) => Object.values(row))];
  } finally {
    client.close();
  }
}

function files(): readonly string[] {
  return readdirSync(join(project.root, 'drizzle')).toSorted();
}

function snapshotOf(): Readonly<Record<string, unknown>> {
  const folder = join(project.root, 'drizzle');
  const journal: unknown = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8'));
  const sql = files().filter((name) => name.endsWith('.sql'));
  return {
    journal,
    ...Object.fromEntries(sql.map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
  };
}
