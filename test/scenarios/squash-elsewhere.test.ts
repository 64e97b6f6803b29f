import { createClient } from '@libsql/client';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SquashReport, SquashRequest } from '../../src/operations/squash/report.ts';
import { openSession, type Session } from '../../src/session.ts';
import { folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { squashRequest } from '../support/squashing.ts';
import { wranglerFolder } from '../support/wrangler-folder.ts';
import { squashedContent } from '../support/squashed-content.ts';

const statements = [
  "CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL);\n--> statement-breakpoint\nINSERT INTO teams (name) VALUES ('red'), ('blue');",
  'CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id));\n--> statement-breakpoint\nINSERT INTO members (team_id) SELECT id FROM teams;',
  "CREATE TRIGGER gone AFTER DELETE ON members BEGIN UPDATE teams SET name = 'left' WHERE id = old.team_id; END;\n--> statement-breakpoint\nCREATE VIEW red AS SELECT id FROM teams WHERE name = 'red';",
];
// A last number whose row is gone, rows that refer to one another, and a full-text index over a table.
const counted = `CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, up INTEGER REFERENCES counted (id), a TEXT);
INSERT INTO counted VALUES (2, NULL, 'some words'), (1, 2, 'more words'), (9, NULL, '');
DELETE FROM counted WHERE id = 9;
CREATE VIRTUAL TABLE found USING fts5(a, content='counted', content_rowid='id');
INSERT INTO found(found) VALUES ('rebuild');
`;
const more = 'ALTER TABLE teams ADD colour text;';

describe('a history of Drizzle 1.0', () => {
  const tags = ['20250101000001_teams', '20250101000002_members', '20250101000003_custom'] as const;
  const [, second, last] = tags;
  let project: SmallProject;
  let folder: string;

  beforeEach(async () => {
    project = smallProject();
    folder = join(project.root, 'drizzle');
    rmSync(folder, { recursive: true });
    await writeFiles(folder, folder1(tags.map((tag, index) => ({ tag, sql: statements[index] ?? '' }))));
    await writeFiles(
      folder,
      Object.fromEntries(tags.map((tag, index) => [`${tag}/snapshot.json`, snapshot(index)])),
    );
  });
  afterEach(() => project[Symbol.dispose]());

  test('becomes one folder with the name of the last, and drizzle-orm 1.0 goes on from it', async () => {
    for (const name of ['local', 'staging', 'production']) await deploy(name);
    expect(await ask(project, { consent: 'given' })).toMatchObject({
      state: 'written',
      baseline: { tag: last },
    });
    expect(readdirSync(folder)).toEqual([last]);
    expect(JSON.parse(readFileSync(join(folder, last, 'snapshot.json'), 'utf8'))).toEqual({
      id: 'id-2',
      prevIds: ['00000000-0000-0000-0000-000000000000'],
      ddl: ['2'],
    });
    const { state, items } = await statusIn(project, 'local');
    expect(state).toEqual(['current']);
    expect(items.map((item) => `${item.tag} ${item.state}`)).toEqual([
      `${tags[0]} squashed`,
      `${second} squashed`,
      `${last} applied`,
    ]);
    await writeFiles(folder, folder1([{ tag: '20250101000004_more', sql: more }]));
    expect(await migrate('local')).toBe(4);
    expect(await migrate('fresh')).toBe(2);
    expect(tables('fresh')).toEqual(tables('local'));
    await deploy('staging');
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
  });

  test('a database in the middle is refused by name, and brought on through the originals', async () => {
    await deploy('local');
    await deploy('staging', second);
    expect((await ask(project, { consent: 'given' })).refusals.join()).toMatch(
      /^staging is at 20250101000002_members/,
    );
    await ask(project, { consent: 'given', leaveOut: ['staging'] });
    expect((await statusIn(project, 'staging')).state).toEqual(['behind']);
    await deploy('staging');
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
    expect(tables('staging')).toEqual(tables('local'));
    expect(await migrate('staging')).toBe(3);
  });

  test('is refused while a branch of it is not joined, or one goes on from inside', async () => {
    const snapshotAt = (tag: string, id: string, prevId: string) =>
      writeFiles(folder, { [`${tag}/snapshot.json`]: JSON.stringify({ id, prevIds: [prevId], ddl: [] }) });
    await snapshotAt(last, 'id-2', 'id-0');
    expect((await ask(project, {})).refusals).toEqual([
      expect.stringMatching(/^20250101000002_members is on another branch/),
    ]);
    expect((await ask(project, { to: second })).refusals).toEqual([
      expect.stringMatching(/^20250101000003_custom goes on from inside the range/),
    ]);
    await snapshotAt(last, 'id-2', 'id-1');
    expect((await ask(project, {})).refusals).toEqual([]);
  });

  test('is put back byte for byte', async () => {
    const before = everything(folder);
    await ask(project, { consent: 'given' });
    expect(readdirSync(folder)).toEqual([last]);
    expect(await ask(project, { what: 'undo', consent: 'given' })).toMatchObject({ state: 'undone' });
    expect(everything(folder)).toEqual(before);
  });

  async function deploy(environment: string, to?: string): Promise<void> {
    const events = await carryOut(project, {
      kind: 'deploy',
      environment,
      selection: { ...selection, to },
      consent: { ...consent, confirm: { environment, hash: undefined } },
    });
    expect(events.at(-1)).toMatchObject({ kind: 'done' });
  }

  async function migrate(name: string): Promise<number> {
    const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
    try {
      await drizzleLines['drizzle-1'].migrate(client, folder);
      const { rows } = await client.execute('SELECT count(*) AS n FROM __drizzle_migrations');
      return Number(rows[0]?.['n']);
    } finally {
      client.close();
    }
  }

  const tables = (name: string) => squashedContent(join(project.root, `${name}.db`));
});

describe('a folder that wrangler runs', () => {
  test(
    'becomes one file with the name of the last, and wrangler goes on from it',
    { timeout: 120_000 },
    async () => {
      await using project = await wranglerFolder({
        '0001_teams.sql': statements[0] ?? '',
        '0002_members.sql': `${statements[1]}\n${counted}`,
        '0003_custom.sql': statements[2] ?? '',
      });
      const home = mkdtempSync(join(tmpdir(), 'migrate-tui-squash-'));
      try {
        await project.apply();
        const old = join(home, 'old.sqlite');
        // With what is only in its log so far.
        execute(project.database, `VACUUM INTO '${old}'`);
        // As if it had stopped after the second.
        execute(old, 'DELETE FROM d1_migrations WHERE id = 3; DROP TRIGGER gone; DROP VIEW red');
        await using session = await openSession(options(project.folder, home));
        const report = await squash(session, { consent: 'given', leaveOut: ['remote'] });
        expect(report).toMatchObject({ state: 'written', refusals: [], baseline: { tag: '0003_custom' } });
        expect(readdirSync(project.folder)).toEqual(['0003_custom.sql']);
        expect((await project.list()).says).toMatch(/No migrations to apply/);
        await writeFiles(project.folder, { '0004_more.sql': more });
        await project.apply();
        const there = squashedContent(project.database);
        await using later = await openSession(options(project.folder, home));
        expect(await states(later)).toEqual({
          state: ['current'],
          items: ['0001_teams squashed', '0002_members squashed', '0003_custom applied', '0004_more applied'],
        });

        // A new database, by wrangler itself.
        for (const end of ['', '-wal', '-shm']) rmSync(`${project.database}${end}`, { force: true });
        await project.apply();
        expect(squashedContent(project.database)).toEqual(there);

        // One from the middle.
        for (const end of ['', '-wal', '-shm']) rmSync(`${project.database}${end}`, { force: true });
        await copyFile(old, project.database);
        await using middle = await openSession(options(project.folder, home));
        expect((await states(middle)).state).toEqual(['behind']);
        const run = await middle.start(
          { kind: 'deploy', environment: 'local', selection, consent },
          { signal: new AbortController().signal, decide: () => Promise.resolve({ kind: 'declined' }) },
        );
        expect(await run.finished).toMatchObject({ kind: 'done' });
        expect(squashedContent(project.database)).toEqual(there);
        expect((await project.list()).says).toMatch(/No migrations to apply/);
        expect((await states(middle)).state).toEqual(['current']);
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    },
  );
});

function options(folder: string, home: string) {
  const env = { ...process.env, XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  return { cwd: dirname(folder), config: undefined, project: undefined, env, showValues: 'hide' } as const;
}

async function states(session: Session) {
  const status = await session.ask({ kind: 'status', environments: ['local'], databases: undefined });
  const target = status.kind === 'status' ? status.environments[0]?.targets[0] : undefined;
  return { state: target?.state, items: target?.items.map(({ tag, state }) => `${tag} ${state}`) };
}

async function ask(project: SmallProject, request: Partial<SquashRequest>): Promise<SquashReport> {
  await using session = await sessionOn(project);
  return await squash(session, request);
}

function squash(session: Session, request: Partial<SquashRequest>): Promise<SquashReport> {
  return session.squash(squashRequest(request));
}

function snapshot(index: number): string {
  const prevIds = [index === 0 ? '00000000-0000-0000-0000-000000000000' : `id-${index - 1}`];
  return JSON.stringify({ id: `id-${index}`, prevIds, ddl: [String(index)] });
}

function everything(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

function execute(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
