import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import { byHand } from '../support/by-hand.ts';
import { everyFile } from '../support/every-file.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const masks = {
  '*.email': 'hash',
  'people.phone': 'null',
  'people.name': 'keep',
  'notes.body': 'hash',
  'logins.email_of': 'hash',
};

test('masked columns hold other values of the same kind, equal ones where they were equal', async () => {
  using project = await people({ masks });
  expect((await resync(project)).last).toMatchObject({ kind: 'done' });
  const [ada, bob, nobody] = await rowsIn(project, 'SELECT name, email, phone, age FROM people ORDER BY id');
  expect(ada).toMatchObject({ name: 'Ada', phone: null, age: 36 });
  expect(ada?.['email']).toMatch(/^masked_[0-9a-f]{20}@masked\.invalid$/);
  expect(bob?.['email']).not.toBe(ada?.['email']);
  expect(nobody?.['email']).toBeNull();
  // What refers to it has the same, and what is computed from it is computed anew.
  const joined = await rowsIn(
    project,
    'SELECT people.name, lower_email FROM logins JOIN people ON people.email = logins.email_of',
  );
  expect(joined).toEqual([{ name: 'Ada', lower_email: ada?.['email'] }]);
});

test('nothing that is masked or left out is anywhere on the disk of the copy', async () => {
  using project = await people({ masks });
  expect((await resync(project, { exclude: ['stories'] })).last).toMatchObject({ kind: 'done' });
  const found = (await everyFile(join(project.root, '..'))).filter(
    ({ path }) => !path.includes('production.db'),
  );
  expect(found.some(({ path }) => path.endsWith('local.db'))).toBe(true);
  for (const { path, bytes } of found)
    for (const value of real) expect([path, bytes.includes(value)]).toEqual([path, false]);
});

test('a rule for this once goes before that of the configuration', async () => {
  using project = await people({ masks });
  const once = {
    masks: new Map([
      ['people.phone', 'hash'],
      ['people.Name', 'hash'],
    ] as const),
  };
  expect((await resync(project, once)).last).toMatchObject({ kind: 'done' });
  const [ada] = await rowsIn(project, 'SELECT name, phone FROM people ORDER BY id');
  expect(ada).toMatchObject({
    name: expect.stringMatching(/^masked/),
    phone: expect.stringMatching(/^masked/),
  });
  const misspelt = await resync(project, { masks: new Map([['people.emial', 'hash']] as const) });
  expect(misspelt.last).toMatchObject({ code: 'usage', next: 'Was people.email meant?' });
});

test('another run hashes with another key', async () => {
  using project = await people({ masks });
  await resync(project);
  const first = await rowsIn(project, 'SELECT email FROM people WHERE id = 1');
  await resync(project);
  expect(await rowsIn(project, 'SELECT email FROM people WHERE id = 1')).not.toEqual(first);
});

test('a full-text index over a masked table finds the masked text and not the real one', async () => {
  using project = await people({ masks });
  expect((await resync(project)).last).toMatchObject({ kind: 'done' });
  const [note] = await rowsIn(project, 'SELECT body FROM notes');
  expect(note?.['body']).toMatch(/^masked_/);
  const finds = async (table: string, word: string) =>
    (await rowsIn(project, `SELECT rowid FROM ${table} WHERE ${table} MATCH '${word.replaceAll('"', '')}'`))
      .length;
  for (const table of ['notes_fts', 'copied_fts']) {
    expect([table, await finds(table, 'thunderbird')]).toEqual([table, 0]);
    expect([table, await finds(table, JSON.stringify(note?.['body']))]).toEqual([table, 1]);
  }
});

test('from a protected environment what looks personal needs a rule or a word', async () => {
  using project = await people({ masks: { ...masks, 'people.phone': undefined } });
  const refused = await resync(project);
  expect(refused.last).toMatchObject({ kind: 'failed', exitCode: 4, code: 'protected' });
  expect(refused.last.message).toContain('people.phone (a phone number)');
  expect(refused.last).toMatchObject({ next: expect.stringContaining('--accept-unmasked people.phone') });
  const review = refused.events.find((event) => event.kind === 'review');
  expect(review).toMatchObject({
    consent: { accept: [{ flag: '--accept-unmasked', value: 'people.phone' }] },
    tables: expect.arrayContaining([
      expect.objectContaining({ table: 'people', how: 'as-is', rows: 3 }),
      expect.objectContaining({ table: 'notes_fts', how: 'rebuilt' }),
    ]),
  });
  const accepted = await resync(project, { consent: { ...consent, unmasked: ['PEOPLE.phone'] } });
  expect(accepted.last).toMatchObject({ kind: 'done' });
  expect(await rowsIn(project, 'SELECT phone FROM people WHERE id = 1')).toEqual([
    { phone: '+49 30 901820' },
  ]);
});

test('without consent all of it is told, and nothing is copied', async () => {
  using project = await people({ masks });
  const { last, events } = await resync(project, {
    consent: { ...consent, yes: 'not-given' },
    exclude: ['stories'],
  });
  expect(last).toMatchObject({ exitCode: 4, code: 'not-confirmed' });
  expect(last).toMatchObject({
    next: expect.stringMatching(/resync local --from production --exclude stories --yes$/),
  });
  const review = events.find((event) => event.kind === 'review');
  const columns = [
    { column: 'name', rule: 'keep', looksLike: 'the name of a person' },
    { column: 'email', rule: 'hash', looksLike: 'an e-mail address' },
    { column: 'phone', rule: 'null', looksLike: 'a phone number' },
  ];
  expect(review?.kind === 'review' && review.tables).toEqual(
    expect.arrayContaining([
      { database: 'app', table: 'people', how: 'masked', rows: 3, columns },
      { database: 'app', table: 'stories', how: 'excluded', rows: 1, columns: [] },
    ]),
  );
  expect((await everyFile(project.root)).some(({ path }) => path.endsWith('local.db'))).toBe(false);
});

test('a table that is left out is there without its rows', async () => {
  using project = await people({ masks });
  expect((await resync(project, { exclude: ['stories'] })).last).toMatchObject({
    message: expect.stringContaining('1 without rows'),
  });
  expect(await rowsIn(project, 'SELECT count(*) AS n FROM stories')).toEqual([{ n: 0 }]);
  const { last } = await resync(project, { exclude: ['storys'] });
  expect(last).toMatchObject({ exitCode: 2, next: 'Was stories meant?' });
  const torn = await resync(project, { exclude: ['people'] });
  expect(torn.last).toMatchObject({ exitCode: 4, next: expect.stringContaining('--exclude people,logins') });
});

test('a table that a trigger fills from a masked one is named, as it may repeat what is masked', async () => {
  using project = await people({ masks });
  await byHand(
    project,
    [
      'CREATE TABLE history (at text, what text)',
      "CREATE TRIGGER people_in AFTER UPDATE ON people BEGIN INSERT INTO history VALUES ('now', old.email); END",
    ],
    'production',
  );
  const { last, events } = await resync(project);
  expect(last).toMatchObject({ kind: 'done' });
  const said = events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
  expect(said).toEqual([expect.stringMatching(/^history is filled by a trigger of people, which is masked/)]);
});

test.for([
  [{ 'people.emial': 'hash' }, 'masks in the configuration names people.emial', /Was people\.email meant/],
  [{ '*.adress': 'hash' }, 'names *.adress, a column that production does not have', /TABLE\.COLUMN/],
  [{ 'people.name': 'null' }, "people.name has the rule 'null', but it is NOT NULL", /'hash' instead/],
  [{ 'people.id': 'hash' }, 'it is the number of its rows', /'keep'/],
  [{ 'logins.lower_email': 'hash' }, 'it is computed from other columns', /email_of/],
  [{ 'logins.email_of': 'keep' }, 'rows of logins would refer to nothing', /'logins\.email_of': 'hash'/],
  [
    { 'people.code': 'hash' },
    'people does not take its masked values: CHECK constraint failed',
    /another rule in masks/,
  ],
] as const)('a rule that does not fit is refused with what would: %o', async ([more, message, next]) => {
  using project = await people({ masks: { ...masks, ...more } });
  const { last } = await resync(project);
  expect(last.message).toContain(message);
  expect(last).toMatchObject({ kind: 'failed', next: expect.stringMatching(next) });
  expect(last.message).toMatch(/Nothing was (copied or )?changed/);
});

const real = [
  'ada@real.example',
  'bob@real.example',
  '+49 30 901820',
  'thunderbird at noon',
  'nothing to see',
];

/** Production, protected, with people in it; no local yet. */
async function people(config: Readonly<Record<string, unknown>>): Promise<SmallProject> {
  const project = smallProject();
  project.configure(config);
  project.add('0002_people', [
    `CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE, phone text, age integer,
      code text CHECK (length(code) < 4))`,
    `CREATE TABLE logins (email_of text REFERENCES people(email), at text,
      lower_email text GENERATED ALWAYS AS (lower(email_of)))`,
    'CREATE TABLE notes (id integer PRIMARY KEY, body text)',
    "CREATE VIRTUAL TABLE notes_fts USING fts5(body, content='notes', content_rowid='id')",
    'CREATE VIRTUAL TABLE copied_fts USING fts5(text)',
    'CREATE TRIGGER note_in AFTER INSERT ON notes BEGIN INSERT INTO copied_fts (text) VALUES (new.body); INSERT INTO notes_fts (rowid, body) VALUES (new.id, new.body); END',
    'CREATE TABLE stories (id integer PRIMARY KEY, text text)',
    'CREATE INDEX by_email ON people (lower(email))',
  ]);
  const everything = { ...consent, confirm: { environment: 'production', hash: undefined } };
  await carryOut(project, { kind: 'deploy', environment: 'production', selection, consent: everything });
  await byHand(
    project,
    [
      "INSERT INTO people VALUES (1, 'Ada', 'ada@real.example', '+49 30 901820', 36, 'abc'), (2, 'Bob', 'bob@real.example', NULL, NULL, NULL), (3, 'Nobody', NULL, NULL, NULL, NULL)",
      "INSERT INTO logins (email_of, at) VALUES ('ada@real.example', '2026')",
      "INSERT INTO notes VALUES (1, 'thunderbird at noon')",
      "INSERT INTO stories VALUES (1, 'nothing to see')",
      'DELETE FROM people WHERE id = 9',
    ],
    'production',
  );
  return project;
}

type ResyncChange = Extract<Change, { kind: 'resync' }>;

async function resync(project: SmallProject, more: Partial<ResyncChange> = {}) {
  const change = {
    environment: 'local',
    from: 'production',
    databases: undefined,
    exclude: [],
    consent,
  } as const;
  const events = await carryOut(project, { kind: 'resync', ...change, ...more });
  const last = events.at(-1);
  if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('It did not end.');
  return { last, events };
}

async function rowsIn({ root }: SmallProject, sql: string) {
  const client = createClient({ url: `file:${join(root, 'local.db')}` });
  const { rows } = await client.execute(sql);
  client.close();
  return rows.map((row) => ({ ...row }));
}
