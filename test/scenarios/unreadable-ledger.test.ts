import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byHand } from '../support/by-hand.ts';
import { cli } from '../support/cli.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let resident: Resident;
let project: SmallProject;
let whole: Buffer;
beforeAll(async () => {
  resident = startResident();
  project = smallProject();
  expect(await ask('deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  project.add('0002_notes', [
    'CREATE TABLE notes (id integer PRIMARY KEY);',
    'CREATE TABLE more (id integer PRIMARY KEY);',
  ]);
  await byHand(project, ['CREATE TABLE notes (id integer PRIMARY KEY)']);
  whole = withAll(() => undefined);
});
afterAll(async () => {
  await resident[Symbol.asyncDispose]();
  project[Symbol.dispose]();
});

const ledgers: readonly (readonly [string, string, () => void])[] = [
  [
    'is no database',
    'file is not a database',
    () => put(Buffer.from('a text that is longer than a header of SQLite, '.repeat(40))),
  ],
  ['is cut off', 'cannot be opened|cannot be read', () => put(whole.subarray(0, 700))],
  ['has a damaged page', 'malformed', () => put(damaged(whole))],
  [
    'is a folder',
    'cannot be opened',
    () => {
      clear();
      mkdirSync(file());
    },
  ],
  [
    'is another database',
    'is no ledger of runs but another database: it has a table guests',
    () => withOther((other) => other.exec('CREATE TABLE guests (id integer)')),
  ],
  [
    'was made by a newer version',
    'was made by a newer version of migrate-tui, and cannot be read by this one',
    () =>
      void withAll((ledger) =>
        ledger.exec(`ALTER TABLE runs RENAME COLUMN outcome TO ended;
          INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 4102444800000)`),
      ),
  ],
];

test.each(ledgers)(
  'a ledger that %s stops no question of the targets, and the answer says so',
  async (_what, why, make) => {
    make();
    const status = await ask('status');
    expect(status).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/local +◐ half-finished +2 applied/),
    });
    expect(status.stderr).toMatch(
      new RegExp(`▲ [^\n]*(?:${why})[^\n]* This answer is from the files and the databases alone`),
    );
    const recover = await ask('recover', 'local');
    expect(recover).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('0002_notes: stopped after statement 1 of 2'),
      stderr: expect.stringContaining('This answer is from the files and the databases alone'),
    });
    const json = await ask('recover', 'local', '--json');
    expect(misfits('recovery', json.last)).toEqual([]);
    expect(json.last).toMatchObject({ kind: 'recovery', notices: [expect.stringMatching(why)] });
    for (const question of [
      ['plan', 'staging'],
      ['verify', 'local'],
      ['drift', 'local'],
      ['status', '--drift'],
      ['migration', '0001'],
      ['recover', 'local', '--report'],
    ])
      expect((await ask(...question)).exitCode, question.join(' ')).not.toBe(1);
    const { stdout } = await ask('status', '--json', '--stream');
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ notes: [expect.stringMatching(why)] });
  },
);

test.each(ledgers)(
  'a ledger that %s ends `runs` and a change, with nothing applied',
  async (_what, _why, make) => {
    make();
    expect(await ask('runs')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('ledger of runs'),
    });
    expect(await ask('deploy', 'staging', '--yes')).toMatchObject({ exitCode: 1 });
    expect((await ask('status', 'staging')).stdout).toMatch(/staging +○ behind +0 applied/);
  },
);

test.each([
  ['a list is cut short', 'databases of run 1', `UPDATE runs SET databases = '["ap'`],
  ['a list is none', 'databases of run 1', `UPDATE runs SET databases = '{}'`],
  ['a consent is cut short', 'confirmation of run 1', `UPDATE runs SET confirmation = '{"by":'`],
  [
    'a time is none',
    'started_at of run 1, finished_at of run 1',
    "UPDATE runs SET started_at = 'x', finished_at = 'y'",
  ],
  ['a text is bytes', 'key of run 1, message of run 1', "UPDATE runs SET key = x'00', message = x'ff'"],
  [
    'hashes are cut short',
    'statement_hashes of unit 1 in run 1',
    "UPDATE units SET statement_hashes = '[1' WHERE id = 1",
  ],
  ['a comparison has no time', 'when app of local was compared', "UPDATE checks SET asked_at = 'x'"],
])('where %s in the ledger, all else of it is told, and what is not', async (_what, told, damage) => {
  put(withAll((ledger) => ledger.exec(damage)));
  const said = new RegExp(
    `▲ The ledger of runs, [^\\n]*ledger.db, is damaged: [^\\n]*${told}[^\\n]* cannot be read`,
  );
  expect(await ask('runs')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/1 +✓ done +deploy +local/),
    stderr: expect.stringMatching(said),
  });
  const shown = await ask('show', '1', '--json');
  expect(misfits('run', shown.last)).toEqual([]);
  expect(shown.last).toMatchObject({
    summary: { databases: ['app'], outcome: 'done', by: expect.any(String) },
  });
  expect(await ask('recover', 'local')).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining('0002_notes: stopped after statement 1 of 2'),
    stderr: expect.stringMatching(said),
  });
  expect(await ask('recover', 'local', '--report')).toMatchObject({ exitCode: 3 });
  expect(await ask('deploy', 'production', '--yes', '--confirm', 'production', '--to', '0001')).toMatchObject(
    { exitCode: 0 },
  );
});

test('a ledger that another process keeps for itself is waited for shortly, once, and stops no question either', async () => {
  put(whole);
  using holder = new DatabaseSync(file());
  holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE runs SET message = ''");
  const { exitCode, stdout, stderr } = await ask('recover', 'local');
  expect([exitCode, stdout]).toEqual([
    3,
    expect.stringContaining('0002_notes: stopped after statement 1 of 2'),
  ]);
  expect(stderr).toMatch(/database is locked[^\n]* This answer is from the files/);
  // Each of these looks into it several times; a run would wait for 5 s each time.
  for (const question of [
    ['status', '--drift'],
    ['plan', 'staging'],
    ['recover', 'local', '--report'],
    ['doctor'],
  ]) {
    const begun = performance.now();
    const answered = await ask(...question);
    expect(performance.now() - begun, question.join(' ')).toBeLessThan(4500);
    expect(
      `${answered.stdout}${answered.stderr}`.match(/database is locked/g),
      question.join(' '),
    ).toHaveLength(1);
  }
});

test('a run waits until another process gives the ledger back', async () => {
  put(whole);
  using holder = new DatabaseSync(file());
  holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE runs SET message = ''");
  const deploying = ask('deploy', 'staging', '--yes');
  // A question in a process of its own has given up meanwhile.
  const asked = await cli(['runs'], { cwd: project.root, env: project.env });
  expect(asked.stderr).toContain('database is locked');
  holder.close();
  expect(await deploying).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('locked') });
});

function ask(...args: readonly string[]) {
  return resident.run(args, { cwd: project.root, env: { ...project.env, CI: '1' } });
}

function file(): string {
  return join(project.root, '.migrate-tui', 'ledger.db');
}

function clear(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file()}${suffix}`, { recursive: true, force: true });
}

function put(content: Buffer): void {
  clear();
  writeFileSync(file(), content);
}

function withOther(make: (database: DatabaseSync) => void): void {
  clear();
  using database = new DatabaseSync(file());
  make(database);
}

/** The ledger as it was at first, or with a change to it, as one file. */
function withAll(change: (database: DatabaseSync) => void): Buffer {
  if (whole !== undefined) put(whole);
  {
    using database = new DatabaseSync(file());
    change(database);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }
  return readFileSync(file());
}

/** The page that holds `units`. */
function damaged(content: Buffer): Buffer {
  put(content);
  using database = new DatabaseSync(file());
  const page = Number(
    database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'units'").get()?.['rootpage'],
  );
  const size = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  return Buffer.from(content).fill(0xff, (page - 1) * size, page * size);
}
