import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { quoteName } from '../../src/sql/quote.ts';
import { filesHolding, holds } from '../support/files-holding.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { isRunning, peakMemoryOf, processTree, unnamedFilesOf } from '../support/process-tree.ts';
import { program, startProgram, type Line, type Running } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

/** How large the copied database is. */
const megabytes = Number(process.env['RESYNC_MB'] ?? 32);
/** Bytes that no process of a run needs more than, however large the database is. */
const memoryLimit = 150e6;

const command = ['resync', 'local', '--from', 'production', '--exclude', 'messages', '--yes', '--json'];
const masks = {
  '*.email': 'hash',
  'people.name': 'hash',
  'people.phone': 'null',
  'people.about': 'null',
  'people.picture': 'keep',
  'logins.ip': 'null',
  'sessions.token': 'hash',
  'notes.body': 'hash',
  'letters.body': 'hash',
};
/** In every value that is masked or left out: a surname, the beginning of a number, a network. */
const real = ['Zyxqorsen', '+49 30 90182', '203.0.113.'];

test(
  `kill -9 half-way of a masked resync of ${megabytes} MB leaves the old local and no real value, and the next one completes, in bounded memory`,
  { timeout: 120_000 + megabytes * 1000 },
  async () => {
    using project = await people();
    const local = join(project.root, 'local.db');
    expect(await holds(join(project.root, 'production.db'), real)).toBe(true);
    const before = contentOf(local);
    const told = [];

    const cut = await watched(project, async (run) => {
      const line = await run.line(isHalfWay);
      const tree = processTree(run.process.pid ?? 0);
      run.signal('SIGKILL');
      expect([(await run.ended).signal, run.lines.at(-1)]).toMatchObject(['SIGKILL', { unit: 'rows' }]);
      await expect.poll(() => tree.filter(isRunning), { timeout: 60_000 }).toEqual([]);
      // The one that copies is no process of its own where nobody tells.
      if (tree.length > 0) expect(tree.length).toBeGreaterThan(1);
      return `killed at ${String(line?.['done'])} of ${String(line?.['total'])} rows`;
    });
    told.push(cut);
    // First of all, before anything opens, undoes or sweeps what was left.
    expect(await heldBy(project)).toEqual([]);
    expect(contentOf(local)).toEqual(before);
    const status = await program(['status', 'local'], placeOf(project));
    expect(status.stdout).toMatch(/Run \d+ \(resync\) of .* was cut off/);
    expect(await heldBy(project)).toEqual([]);

    const whole = await watched(project, async (run) => {
      const { exitCode, stdout, stderr } = await run.ended;
      expect(stdout + stderr).not.toMatch(/zyxqorsen/i);
      expect([exitCode, run.lines.at(-1)]).toMatchObject([0, { kind: 'done' }]);
      return 'completed';
    });
    told.push(whole);
    expect(await heldBy(project)).toEqual([]);
    expect(countsOf(local)).toEqual({ ...countsOf(join(project.root, 'production.db')), messages: 0 });
    const after = await program(['status', 'local'], placeOf(project));
    expect(after.stdout).not.toContain('was cut off');
    process.stdout.write(`resync of ${megabytes} MB: ${told.join('; ')}\n`);
  },
);

function isHalfWay({ kind, step, unit, done, total }: Line): boolean {
  return kind === 'progress' && step === 'copy' && unit === 'rows' && Number(done) * 2 >= Number(total);
}

/** Starts a resync and looks, all the while, at the memory of its processes and into their files without a name. */
async function watched(project: SmallProject, work: (run: Running) => Promise<string>): Promise<string> {
  const begun = performance.now();
  await using run = await startProgram(command, placeOf(project));
  let most = 0;
  let holding = 0;
  const look = async () => {
    for (const pid of processTree(run.process.pid ?? 0)) {
      most = Math.max(most, peakMemoryOf(pid));
      for (const path of unnamedFilesOf(pid)) if (await holdsNow(path)) holding += 1;
    }
  };
  let looking: Promise<void> | undefined;
  const watch = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, 20);
  try {
    const said = await work(run);
    const seconds = (performance.now() - begun) / 1000;
    await looking;
    expect(holding).toBe(0);
    expect(most).toBeLessThan(memoryLimit);
    return `${said} in ${seconds.toFixed(1)} s, ${Math.round(most / 1e6)} MB in the largest process`;
  } finally {
    clearInterval(watch);
  }
}

async function holdsNow(path: string): Promise<boolean> {
  try {
    return await holds(path, real);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Files of the project, of the state folder and of the temporary one that hold a real value. */
function heldBy({ root }: SmallProject): Promise<readonly string[]> {
  const production = join(root, 'production.db');
  return filesHolding(join(root, '..'), real, { passing: (path) => path.startsWith(production) });
}

/** Every temporary file, SQLite's too, is then below the folder that is looked through. */
function placeOf({ root, env }: SmallProject) {
  const temporary = join(root, '..', 'temporary');
  mkdirSync(temporary, { recursive: true });
  const names = ['TMPDIR', 'TMP', 'TEMP', 'SQLITE_TMPDIR'];
  return { cwd: root, env: { ...env, ...Object.fromEntries(names.map((name) => [name, temporary])) } };
}

/** All objects, and a digest of all rows, but the lock that a run leaves. */
function contentOf(path: string): unknown {
  using database = new DatabaseSync(path);
  const objects = database
    .prepare(
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_\\_migrate%' ESCAPE '\\' ORDER BY 1, 2",
    )
    .all();
  const digest = createHash('sha256');
  for (const { type, name } of objects) {
    if (type !== 'table') continue;
    for (const row of database.prepare(`SELECT * FROM ${quoteName(String(name))}`).iterate())
      for (const value of Object.values(row))
        digest.update(value instanceof Uint8Array ? value : `${value}|`);
  }
  return [objects.map((row) => ({ ...row })), digest.digest('hex')];
}

function countsOf(path: string): Readonly<Record<string, unknown>> {
  using database = new DatabaseSync(path, { readOnly: true });
  const counts = ['people', 'logins', 'sessions', 'notes', 'letters', 'messages'].map((table) => [
    table,
    database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'],
  ]);
  return Object.fromEntries(counts);
}

/** Production, protected, with many people in it; local has other ones, who are nobody. */
async function people(): Promise<SmallProject> {
  const project = smallProject();
  project.configure({ masks });
  project.add('0002_people', [
    'CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE, phone text, about text, picture blob)',
    'CREATE INDEX people_by_name ON people (lower(name), email)',
    `CREATE TABLE logins (id integer PRIMARY KEY, email text REFERENCES people (email), ip text,
      lower_email text GENERATED ALWAYS AS (lower(email)))`,
    'CREATE TABLE sessions (token text PRIMARY KEY, person integer NOT NULL) WITHOUT ROWID',
    'CREATE TABLE notes (id integer PRIMARY KEY, body text)',
    "CREATE VIRTUAL TABLE notes_fts USING fts5(body, content='notes', content_rowid='id')",
    'CREATE TABLE letters (id integer PRIMARY KEY, body text)',
    'CREATE TABLE messages (id integer PRIMARY KEY, body text)',
  ]);
  const everything = { ...consent, confirm: { environment: 'production', hash: undefined } };
  for (const environment of ['local', 'production']) {
    const change = { kind: 'deploy', environment, selection, consent: everything } as const;
    expect((await carryOut(project, change)).at(-1)).toMatchObject({ kind: 'done' });
  }
  fill(join(project.root, 'production.db'), Math.ceil(megabytes * 1300), 'Zyxqorsen');
  fill(join(project.root, 'local.db'), Math.ceil(megabytes * 150), 'Nobody');
  expect(statSync(join(project.root, 'production.db')).size).toBeGreaterThan(megabytes * 1e6);
  return project;
}

/** About 800 bytes for each person. */
function fill(path: string, count: number, surname: string): void {
  using database = new DatabaseSync(path);
  const isReal = surname !== 'Nobody';
  const [phone, ip] = isReal ? ['+49 30 90182', '203.0.113.'] : ['', ''];
  const each = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const email = `lower('${surname}') || '.' || i || '@example.org'`;
  database.exec(`PRAGMA synchronous = OFF; BEGIN;
    ${each} INSERT INTO people SELECT i, 'Ada ${surname} ' || i, ${email}, '${phone} ' || i,
      'Mrs ${surname} moved here in 1987 and was born on 12 March 1961; ask ${surname}''s doctor.', randomblob(400) FROM n;
    INSERT INTO logins (id, email, ip) SELECT id, email, '${ip}' || id % 250 FROM people;
    INSERT INTO sessions SELECT 'for-${surname}-' || id || hex(randomblob(8)), id FROM people WHERE id % 2 = 0;
    INSERT INTO notes SELECT id, 'The card of ${surname} ' || id || ' was declined' FROM people WHERE id % 20 = 0;
    INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');
    INSERT INTO letters SELECT id, 'Dear ${surname}, ' || hex(zeroblob(50000)) FROM people WHERE id % 1000 = 0;
    INSERT INTO messages SELECT id, 'Dear ${surname}, ' || hex(randomblob(100)) FROM people WHERE id % 4 = 0;
    COMMIT;`);
}
