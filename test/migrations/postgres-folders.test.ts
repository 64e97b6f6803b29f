import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DrizzleLine, MigrationFolder } from '../../src/migrations/migration.ts';
import { newMigration } from '../../src/migrations/new-migration.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { writeNewMigration } from '../../src/migrations/write-new.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const lines: readonly DrizzleLine[] = ['drizzle-0', 'drizzle-1'];

async function shop(line: DrizzleLine): Promise<KitProject> {
  const project = await kitProject(line);
  await project.write(
    'drizzle.config.ts',
    "export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: 'postgres://localhost/shop' } };",
  );
  return project;
}

const schema = (more = '') => `
  import { integer, pgEnum, pgSchema, pgTable, serial, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
  export const role = pgEnum('role', ['admin', 'member']);
  export const audit = pgSchema('audit');
  export const users = pgTable('users', { id: serial('id').primaryKey(), email: text('email').notNull().unique(), role: role('role').notNull().default('member') });
  export const events = audit.table('events', { id: serial('id').primaryKey(), user: integer('user').references(() => users.id), at: timestamp('at').defaultNow()${more} }, (table) => [uniqueIndex('one').on(table.user, table.at)]);
`;

const generate = async (project: KitProject, name: string) =>
  (await project.session()).generate({ database: undefined, name, terminal: 'none', signal: undefined });

const read = (project: KitProject): Promise<MigrationFolder> =>
  readFolder({ directory: project.file('drizzle'), dialect: 'postgres' });

describe.for(lines)('a PostgreSQL folder of %s', (line) => {
  test('as drizzle-kit generates it reads as drizzle-orm reads it, one statement a breakpoint', async () => {
    await using project = await shop(line);
    await project.write('schema.ts', schema());
    await generate(project, 'first');
    await project.write('schema.ts', schema(", note: text('note').notNull().default('a;b')"));
    await generate(project, 'second');
    const { format, dialect, migrations, notes } = await read(project);
    expect({ format, dialect, notes }).toEqual({ format: line, dialect: 'postgres', notes: [] });
    expect(migrations).toMatchObject(
      drizzleLines[line].read(project.file('drizzle')).map(({ hash, folderMillis }) => ({ hash, when: folderMillis })),
    );
    const files = drizzleLines[line].read(project.file('drizzle'));
    expect(migrations.map(({ statements }) => statements.map(({ sql }) => `${sql};`))).toEqual(
      files.map(({ sql }) => sql.map((chunk) => chunk.trim())),
    );
    expect(migrations[0]?.statements.map(({ sql }) => sql.split(/\s/).slice(0, 2).join(' '))).toContain('CREATE SCHEMA');
    const asSqlite = await readFolder({ directory: project.file('drizzle') });
    expect(asSqlite.migrations.map(({ hash }) => hash)).toEqual(migrations.map(({ hash }) => hash));
    expect(asSqlite.notes.map(({ message }) => message).join()).toMatch(/postgres.*not for SQLite/i);
  });

  test('takes a migration of one\'s own, first or later, after which drizzle-kit has nothing to write', async () => {
    await using project = await shop(line);
    const empty: MigrationFolder = { format: line, dialect: 'postgres', directory: project.file('drizzle'), migrations: [], notes: [] };
    await writeNewMigration(await newMigration(empty, { name: 'own_first', now: new Date(1_700_000_000_000) }));
    await project.write('schema.ts', schema());
    await generate(project, 'generated');
    await writeNewMigration(await newMigration(await read(project), { name: 'own_later', text: 'SELECT 1;', now: new Date() }));
    expect(await generate(project, 'nothing')).toMatchObject({ written: [] });
    const { migrations, notes } = await read(project);
    expect(notes).toEqual([]);
    expect(migrations.map(({ tag }) => tag.replace(/^\d+_/, ''))).toEqual(['own_first', 'generated', 'own_later']);
    expect(migrations.map(({ statements }) => statements.length)).toEqual([0, 6, 1]);
    expect(migrations).toMatchObject(
      drizzleLines[line].read(project.file('drizzle')).map(({ hash, folderMillis }) => ({ hash, when: folderMillis })),
    );
  });
});

const makers = { 'drizzle-0': folder0, 'drizzle-1': folder1 };
const tags = {
  'drizzle-0': ['0000_a', '0001_b'],
  'drizzle-1': ['20240101000000_a', '20240101000001_b'],
} as const;

describe.for(lines)('a file for PostgreSQL in a folder of %s', (line) => {
  const [first, second] = tags[line];
  const reading = async (sql: string, more: Readonly<Record<string, string>> = {}) => {
    await using folder = await temporaryFolder();
    await writeFiles(folder.file('drizzle'), {
      ...makers[line]([
        { tag: first, sql: 'CREATE TABLE a (x int);' },
        { tag: second, sql },
      ]),
      ...more,
    });
    const { migrations, notes } = await readFolder({ directory: folder.file('drizzle'), dialect: 'postgres' });
    const said = notes.filter(({ message }) => !/no snapshot|not for PostgreSQL/.test(message));
    return {
      statements: migrations[1]?.statements.map(({ sql: text, line: at }) => [at, text]),
      migration: migrations[1],
      notes: said.map(({ file, message }) => `${basename(file)}: ${message}`),
    };
  };
  const fileName = line === 'drizzle-0' ? `${second}.sql` : 'migration.sql';

  test('keeps functions, dollar quotes and DO blocks whole', async () => {
    const body = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n  NEW.x := 1; RETURN NEW;\nEND;\n$body$";
    const { statements, notes } = await reading(`${body};\n--> statement-breakpoint\nDO $$ BEGIN PERFORM 1; END $$;\nSELECT ';';`);
    expect(notes).toEqual([]);
    expect(statements).toEqual([
      [1, body],
      [7, 'DO $$ BEGIN PERFORM 1; END $$'],
      [8, "SELECT ';'"],
    ]);
  });

  test('may have CRLF, a byte-order mark, and pieces of comments alone', async () => {
    const { statements, notes } = await reading(
      '\uFEFF-- one\r\nSELECT 1;\r\n--> statement-breakpoint\r\n-- nothing\r\n--> statement-breakpoint\r\nSELECT\r\n2',
    );
    expect(statements).toEqual([
      [2, 'SELECT 1'],
      [6, 'SELECT\r\n2'],
    ]);
    expect(notes).toEqual([`${fileName}: begins with a byte-order mark, which is part of its hash`]);
  });

  test('that PostgreSQL would not parse is named with its line, and hides no other', async () => {
    const { statements, notes, migration } = await reading('SELECT 1;\nSELEC 2;\nSELECT 3;');
    expect(notes).toEqual([
      `${fileName}: has in line 2 what PostgreSQL does not take: syntax error at or near "SELEC"`,
    ]);
    expect(statements?.map(([, sql]) => sql)).toEqual(['SELECT 1', 'SELEC 2', 'SELECT 3']);
    expect(migration?.hash).toMatch(/^[\da-f]{64}$/);
  });

  test('that only psql understands says what to take out', async () => {
    const { notes } = await reading('\\restrict abc\nSELECT 1;');
    expect(notes).toEqual([expect.stringMatching(/has in line 1 .*a command of psql.*Take out the lines that begin with a backslash/)]);
  });

  test('has companions that are parted the same way', async () => {
    const beside = line === 'drizzle-0' ? `${second}.rollback.sql` : `${second}/rollback.sql`;
    const text = 'DO $$ BEGIN PERFORM 1; END $$; SELECT 2;';
    const { migration } = await reading('SELECT 1;', { [beside]: text });
    expect(migration?.rollback?.statements.map(({ sql }) => sql)).toEqual(['DO $$ BEGIN PERFORM 1; END $$', 'SELECT 2']);
  });

  test('leaves no text out, whatever stands in it', async () => {
    await using folder = await temporaryFolder();
    const all = Array.from({ length: 500 }, (_, index) => ({
      tag: line === 'drizzle-0' ? `${String(index).padStart(4, '0')}_t` : `202401010${String(10_000 + index).slice(0, 5)}_t`,
      sql: `CREATE TABLE "t${index}" ("é" text DEFAULT 'ü;');\n--> statement-breakpoint\nCREATE INDEX ON "t${index}" ("é");`,
    }));
    await writeFiles(folder.path, makers[line](all));
    const { migrations } = await readFolder({ directory: folder.path, dialect: 'postgres' });
    expect(migrations.every(({ statements }) => statements.length === 2)).toBe(true);
    expect(migrations.at(-1)?.statements[0]?.sql).toBe(`CREATE TABLE "t499" ("é" text DEFAULT 'ü;')`);
  });
});

test('a broken snapshot of PostgreSQL is named when a migration follows it', async () => {
  await using project = await shop('drizzle-1');
  await project.write('schema.ts', schema());
  const { written } = await generate(project, 'first');
  const snapshot = written.find(({ file }) => file.endsWith('snapshot.json'))?.file ?? '';
  await writeFile(project.file(snapshot), (await readFile(project.file(snapshot), 'utf8')).slice(1));
  await expect(newMigration(await read(project), { name: 'own', now: new Date() })).rejects.toMatchObject({
    code: 'migrations',
    message: expect.stringContaining('is not valid JSON'),
  });
});
