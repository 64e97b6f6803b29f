import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderContent } from '../support/folder-content.ts';
import { program } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

function run(...args: readonly string[]) {
  return program([...args, '--json'], { cwd: project.root, env: project.env });
}

function teams(): readonly unknown[] {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { readOnly: true });
  return database.prepare('SELECT * FROM teams ORDER BY id').all();
}

/** What verify found is kept beside the runs; everything else must stay. */
function withoutRecord(): Readonly<Record<string, string>> {
  const all = Object.entries(folderContent(project.root));
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('.migrate-tui')));
}

function change(sql: string): void {
  using database = new DatabaseSync(join(project.root, 'staging.db'));
  database.exec(sql);
}

describe('the second time', () => {
  test('deploy, dry-run and apply find nothing to do, say so, and leave the database as it is', async () => {
    await run('deploy', 'staging', '--yes');
    const file = join(project.root, 'staging.db');
    const before = folderContent(project.root)['staging.db'];
    for (const args of [
      ['deploy', 'staging', '--yes'],
      ['dry-run', 'staging'],
      ['apply', 'staging', '--yes'],
    ]) {
      const { exitCode, last } = await run(...args);
      expect({ exitCode, last }).toMatchObject({ exitCode: 0, last: { kind: 'done', applied: [] } });
      expect(last?.['message']).toBe('Nothing to deploy: staging is at 0001_members.');
      expect(last).not.toHaveProperty('backup');
    }
    expect(folderContent(project.root)['staging.db']).toBe(before);
    expect(existsSync(file)).toBe(true);
  });

  test('backup makes another one; restore brings the same rows back as often as it is asked', async () => {
    await run('deploy', 'staging', '--yes');
    const first = await run('backup', 'staging');
    const second = await run('backup', 'staging');
    expect(second.last).toMatchObject({ kind: 'done' });
    expect(second.last?.['backup']).not.toBe(first.last?.['backup']);
    const before = teams();
    for (const sql of ["UPDATE teams SET name = 'grey'", "INSERT INTO teams (name) VALUES ('green')"]) {
      change(sql);
      expect(teams()).not.toEqual(before);
      const restored = await run('restore', 'staging', String(first.last?.['backup']), '--yes');
      expect(restored).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
      expect(teams()).toEqual(before);
    }
    expect(await run('status', 'staging', '--check')).toMatchObject({ exitCode: 0 });
  });

  test('doctor and verify find nothing wrong, and change nothing', async () => {
    await run('deploy', 'staging', '--yes');
    const before = withoutRecord();
    for (const args of [['doctor'], ['verify', 'staging'], ['doctor'], ['verify', 'staging']]) {
      expect((await run(...args)).exitCode).toBe(0);
    }
    expect(withoutRecord()).toEqual(before);
  });

  test('init leaves the configuration that is there; a new one is made once', async () => {
    await using folder = await temporaryFolder();
    const before = folderContent(project.root);
    expect((await run('init')).exitCode).not.toBe(1);
    expect(folderContent(project.root)).toEqual(before);
    const demo = ['demo', join(folder.path, 'shop'), '--no-open', '--json'];
    const env = project.env;
    for (let time = 1; time <= 2; time += 1) {
      expect(await program(demo, { cwd: folder.path, env })).toMatchObject({
        exitCode: 0,
        last: { kind: 'done' },
      });
    }
    const status = await program(['status', '--json'], { cwd: join(folder.path, 'shop'), env });
    expect(status.last).toMatchObject({ kind: 'status', environments: [{}, {}, {}, {}] });
  });
});

test('without .migrate-tui only the record of runs is lost', async () => {
  await run('deploy', 'staging', '--yes');
  const taken = String((await run('backup', 'staging')).last?.['backup']);
  const status = (await run('status', 'staging', '--check')).last;
  const before = teams();
  rmSync(join(project.root, '.migrate-tui'), { recursive: true });
  expect((await run('runs')).last).toMatchObject({ kind: 'runs', runs: [] });
  const after = await run('status', 'staging', '--check');
  expect(after).toMatchObject({ exitCode: 0, last: { kind: 'status' } });
  expect(JSON.stringify(itemsOf(after.last))).toBe(JSON.stringify(itemsOf(status)));
  expect(await run('deploy', 'staging', '--yes')).toMatchObject({
    exitCode: 0,
    last: { kind: 'done', applied: [] },
  });
  change('DELETE FROM members; DELETE FROM teams');
  expect(await run('restore', 'staging', taken, '--yes')).toMatchObject({ exitCode: 0 });
  expect(teams()).toEqual(before);
});

/** Tag and state of every item, without the times that only our own record knows. */
function itemsOf(status: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return [...JSON.stringify(status).matchAll(/"tag":"[^"]*","state":"[^"]*"/g)].map(([item]) => item);
}
