import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { quoteName } from '../../src/sql/quote.ts';
import { filesHolding, holds } from '../support/files-holding.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { program, type Line } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { completed, killAll, placeOf, real, watchedResync } from '../support/watched-resync.ts';

/** How large the copied database is. */
const megabytes = Number(process.env['RESYNC_MB'] ?? 32);
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

test(
  `kill -9 half-way of a masked resync of ${megabytes} MB leaves the old local and no real value, and the next one completes, in bounded memory`,
  { timeout: 120_000 + megabytes * 1000 },
  async () => {
    using project = await people();
    const local = join(project.root, 'local.db');
    expect(await holds(join(project.root, 'production.db'), real)).toBe(true);
    const before = contentOf(local);
    const told = [];

    const cut = await watchedResync(command, placeOf(project), async (run) => {
      const line = await run.line(isHalfWay);
      const processes = await killAll(run);
      expect(run.lines.at(-1)).toMatchObject({ unit: 'rows' });
      // The one that copies is no process of its own where nobody tells.
      if (processes > 0) expect(processes).toBeGreaterThan(1);
      return `killed at ${String(line?.['done'])} of ${String(line?.['total'])} rows`;
    });
    told.push(cut);
    // First of all, before anything opens, undoes or sweeps what was left.
    expect(await heldBy(project)).toEqual([]);
    expect(contentOf(local)).toEqual(before);
    const status = await program(['status', 'local'], placeOf(project));
    expect(status.stdout).toMatch(/Run \d+ \(resync\) of .* was cut off/);
    expect(await heldBy(project)).toEqual([]);

    told.push(await watchedResync(command, placeOf(project), completed));
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

/** Files of the project, of the state folder and of the temporary one that hold a real value. */
function heldBy({ root }: SmallProject): Promise<readonly string[]> {
  const production = join(root, 'production.db');
  return filesHolding(join(root, '..'), real, { passing: (path) => path.startsWith(production) });
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
