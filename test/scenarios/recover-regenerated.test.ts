import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folder0, folder1 } from '../support/drizzle-folders.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let odd: OddProject;
beforeEach(async () => {
  odd = oddProject(program);
  await odd.write(folder0(history));
  await odd.migrate();
  await odd.sql("INSERT INTO users (email, age) VALUES ('a@example.com', 4)");
});
afterEach(() => odd[Symbol.dispose]());

const then = 1_700_000_000_000;
const now = 1_760_000_000_000;
const history = [
  {
    tag: '0000_brave_hulk',
    sql: 'CREATE TABLE `users` (`id` integer PRIMARY KEY, `email` text NOT NULL);',
    when: then,
  },
  { tag: '0001_shy_hawk', sql: 'CREATE UNIQUE INDEX `users_email` ON `users` (`email`);', when: then + 1 },
  { tag: '0002_wet_thor', sql: 'ALTER TABLE `users` ADD `age` integer;', when: then + 2 },
];
const whole =
  'CREATE TABLE `users` (`id` integer PRIMARY KEY, `email` text NOT NULL, `age` integer);\n--> statement-breakpoint\nCREATE UNIQUE INDEX `users_email` ON `users` (`email`);';
const anew = { tag: '0000_new_dawn', sql: whole, when: now };
const rooms = { tag: '0001_rooms', sql: 'CREATE TABLE `rooms` (`id` integer PRIMARY KEY);', when: now + 1 };

const records = (columns = 'hash, created_at') =>
  odd.rows(`SELECT ${columns} FROM __drizzle_migrations ORDER BY rowid`);
const users = () => odd.rows('SELECT email, age FROM users');
const there = [{ email: 'a@example.com', age: 4 }];

describe('a folder that was deleted and generated anew over a live database', () => {
  test('is recognised, and the records become those of the file that the schema shows to have run', async () => {
    await odd.write(folder0([anew, rooms]));
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'regenerated-folder',
        tag: '0000_new_dawn',
        verdict: 'the folder is another one than this database was migrated with',
        options: [{ id: 'rebuild-records', recommended: true, allowed: true }],
      },
    ]);
    expect(cases[0]?.evidence[0]).toMatch(
      /^None of the 3 records in __drizzle_migrations has a file \(.*\), and none of the 2 files has a record\.$/,
    );
    expect(cases[0]?.evidence[1]).toBe('The schema here is exactly what 0000_new_dawn makes.');
    expect(cases[0]?.options[0]?.why).toContain('1 file stays pending');
    const done = await odd.choose('rebuild-records');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect((await records()).map(({ created_at }) => created_at)).toEqual([now]);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate();
    expect(await odd.rows('SELECT * FROM rooms')).toEqual([]);
    expect(await users()).toEqual(there);
  });

  test('with what drizzle-orm itself makes of it: a failure at the first table', async () => {
    await odd.write(folder0([anew]));
    await expect(odd.migrate()).rejects.toThrow('already exists');
    expect((await odd.cases()).cases.map(({ situation }) => situation)).toEqual(['regenerated-folder']);
  });

  test('is not guessed at where the schema is not exactly that of one place, and the difference is said', async () => {
    await odd.write(folder0([{ ...anew, sql: whole.replace('`age` integer', '`age` text') }]));
    await odd.sql('CREATE TABLE extra (id)');
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases[0]).toMatchObject({
      situation: 'regenerated-folder',
      options: [{ id: 'rebuild-records', recommended: false, allowed: false }],
    });
    expect(cases[0]?.evidence.slice(1)).toEqual([
      'The schema here is what no place of the folder makes; nearest is 0000_new_dawn.',
      'Then column users.age is another one here.',
      'Then table extra is here and no file makes it.',
    ]);
    const before = await records();
    expect(await odd.choose('rebuild-records')).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(await records()).toEqual(before);
  });

  test('is not guessed at where a file that only changes rows stands at the end', async () => {
    const fill = { ...rooms, tag: '0001_fill', sql: 'UPDATE users SET email = lower(email);' };
    await odd.write(folder0([anew, fill]));
    const { cases } = await odd.cases();
    expect(cases[0]?.evidence[1]).toBe(
      'The schema here is exactly what 0000_new_dawn, or the folder up to 0001_fill makes.',
    );
    expect(cases[0]?.options).toMatchObject([{ id: 'rebuild-records', allowed: false }]);
  });

  test('is possible, not recommended, where the file that ran changes rows, too', async () => {
    const both = {
      ...anew,
      sql: `${whole}\n--> statement-breakpoint\nINSERT INTO users (email) VALUES ('root@example.com');\n--> statement-breakpoint\nCREATE TABLE rooms (id integer PRIMARY KEY);`,
    };
    await odd.write(folder0([both]));
    await odd.sql('CREATE TABLE rooms (id integer PRIMARY KEY)');
    const { cases } = await odd.cases();
    expect(cases[0]?.options).toMatchObject([{ id: 'rebuild-records', recommended: false, allowed: true }]);
    expect(cases[0]?.options[0]?.why).toContain('Look at the rows first: 0000_new_dawn also changes rows');
  });

  test('says where it cannot be replayed, and offers nothing', async () => {
    await odd.write(folder0([anew, { ...rooms, sql: 'CREATE TABLE rooms (id) STRICT, NONSENSE;' }]));
    const { cases } = await odd.cases();
    expect(cases[0]?.evidence.at(-1)).toMatch(
      /^The folder cannot be replayed past 0001_rooms: statement 1: /,
    );
    expect(cases[0]?.options).toMatchObject([{ allowed: false }]);
  });

  test('over a database whose tables are gone, too, leaves no record and everything to run', async () => {
    await odd.sql('DROP TABLE users');
    await odd.write(folder0([anew, rooms]));
    const { cases } = await odd.cases();
    expect(cases[0]?.evidence[1]).toBe('The schema here is exactly what an empty database makes.');
    expect(await odd.choose('rebuild-records')).toMatchObject({ exitCode: 0 });
    expect(await records()).toEqual([]);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate();
    expect(await records()).toHaveLength(2);
  });

  test('by Drizzle 1.0 over records of 0.x gets the table of 1.0, and drizzle-orm 1.0 goes on', async () => {
    await odd.write(
      folder1([
        { tag: '20251009085320_new_dawn', sql: whole },
        { tag: '20251009085321_rooms', sql: rooms.sql },
      ]),
    );
    await expect(odd.migrate('drizzle-1')).rejects.toThrow();
    const { cases } = await odd.cases();
    expect(cases).toMatchObject([{ situation: 'regenerated-folder', options: [{ recommended: true }] }]);
    const done = await odd.choose('rebuild-records');
    expect(done, done.stdout).toMatchObject({ exitCode: 0 });
    expect(await records('name, created_at')).toEqual([
      { name: '20251009085320_new_dawn', created_at: 1_760_000_000_000 },
    ]);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate('drizzle-1');
    expect((await records('name')).map(({ name }) => name)).toEqual([
      '20251009085320_new_dawn',
      '20251009085321_rooms',
    ]);
    expect(await users()).toEqual(there);
  });
});
