import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(async () => {
  project = smallProject();
  project.add('0002_notes', [
    'CREATE TABLE notes (code integer PRIMARY KEY AUTOINCREMENT, body blob, price real);',
    "INSERT INTO notes (code, body, price) VALUES (7, x'00ff', 2.0), (9007199254740993, 'it''s', NULL);",
    "CREATE TRIGGER renamed AFTER INSERT ON teams BEGIN INSERT INTO notes (body) VALUES ('made by a trigger'); END;",
  ]);
  await events('deploy', 'staging', '--yes');
});
afterEach(() => project[Symbol.dispose]());

async function events(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await cli([...args, '--json'], {
    cwd: project.root,
    env: project.env,
  });
  const lines: Line[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { exitCode, stderr, lines, last: lines.at(-1) };
}

type Line = Readonly<Record<string, unknown>>;

function change(sql: string): void {
  using database = new DatabaseSync(join(project.root, 'staging.db'));
  database.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
}

function rows(sql: string): readonly unknown[] {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { readOnly: true });
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all().map((row) => Object.values(row));
}

const newest = (last: Line | undefined) => String(last?.['backup']);
const content = () => ['teams', 'members', 'notes'].map((table) => rows(`SELECT *, rowid FROM ${table}`));

describe('a backup of named tables', () => {
  test('says that it is partial, holds nothing else, and is listed so', async () => {
    const taken = await events('backup', 'staging', '--tables', 'notes');
    expect(taken).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(String(taken.last?.['message'])).toContain('partial');
    const [report] = (await events('backups', 'staging')).lines;
    expect(misfits('backups', report)).toEqual([]);
    expect(report).toMatchObject({
      backups: [{ id: newest(taken.last), partial: ['notes'], proof: 'read-back' }],
    });
    const { path } = backupsOf(report)[0] ?? { path: '' };
    using copy = new DatabaseSync(join(path, 'app.db'), { readOnly: true });
    const names = copy.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").all();
    expect(names.map(({ name }) => name)).not.toContain('teams');
    expect(copy.prepare('SELECT count(*) AS n FROM notes').get()).toMatchObject({ n: 2 });
  });

  test('is never restored whole, and the refusal names the command that works', async () => {
    const id = newest((await events('backup', 'staging', '--tables', 'notes')).last);
    const before = content();
    const refused = await events('restore', 'staging', id, '--yes');
    expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'refused' } });
    expect(refused.last?.['next']).toBe(`migrate-tui restore staging ${id} --tables notes`);
    expect(content()).toEqual(before);
  });

  test('of a table that is not there names those that are', async () => {
    const { exitCode, last } = await events('backup', 'staging', '--tables', 'notes,nowhere');
    expect(exitCode).toBe(2);
    expect(last).toMatchObject({ kind: 'failed', code: 'not-found' });
    expect(last?.['message']).toContain('no table nowhere');
    expect(last?.['next']).toContain('members, notes, teams');
  });
});

describe('a restore of named tables', () => {
  test.each(['whole', 'partial'])(
    'puts back exactly their rows from a %s backup and leaves the others',
    async (kind) => {
      const only = kind === 'partial' ? ['--tables', 'teams,notes'] : [];
      const id = newest((await events('backup', 'staging', ...only)).last);
      const before = content();
      const triggers = rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
      change("UPDATE teams SET name = 'grey'; DELETE FROM notes; INSERT INTO members (team_id) VALUES (1);");
      const restored = await events('restore', 'staging', id, '--tables', 'teams,notes', '--yes');
      expect(restored).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
      expect(restored.lines.filter((line) => misfits('event', line).length > 0)).toEqual([]);
      const [teams, members, notes] = content();
      expect([teams, notes]).toEqual([before[0], before[2]]);
      expect(members).toHaveLength(3);
      expect(rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")).toEqual(triggers);
    },
  );

  test('takes a whole backup of the present state first, which leads back', async () => {
    const id = newest((await events('backup', 'staging')).last);
    change('DELETE FROM notes');
    const deleted = content();
    const undo = newest((await events('restore', 'staging', id, '--tables', 'notes', '--yes')).last);
    expect(undo).not.toBe(id);
    expect(await events('restore', 'staging', undo, '--yes')).toMatchObject({ exitCode: 0 });
    expect(content()).toEqual(deleted);
  });

  test('undoes everything when rows would be left without their parent', async () => {
    const id = newest((await events('backup', 'staging')).last);
    change("INSERT INTO teams (id, name) VALUES (50, 'new'); INSERT INTO members (team_id) VALUES (50);");
    const before = content();
    const refused = await events('restore', 'staging', id, '--tables', 'teams', '--yes');
    expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'refused' } });
    expect(refused.last?.['message']).toContain('members to teams');
    expect(content()).toEqual(before);
  });

  test('is refused with the difference when a table has another shape now', async () => {
    const id = newest((await events('backup', 'staging')).last);
    change('ALTER TABLE notes ADD COLUMN author text');
    const before = content();
    const refused = await events('restore', 'staging', id, '--tables', 'notes', '--yes');
    expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'refused' } });
    expect(refused.last?.['message']).toContain('author');
    expect(content()).toEqual(before);
  });

  test('names a table that the backup does not hold before anything is done', async () => {
    const id = newest((await events('backup', 'staging', '--tables', 'notes')).last);
    const { exitCode, last } = await events('restore', 'staging', id, '--tables', 'teams', '--yes');
    expect(exitCode).toBe(2);
    expect(last?.['message']).toBe(`There is no table teams in ${id}. Nothing was changed.`);
  });
});

function backupsOf(report: Line | undefined): readonly { readonly path: string }[] {
  const all = report?.['backups'];
  return Array.isArray(all) ? all : [];
}
