import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, type Ended } from '../support/cli.ts';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';

const first = `CREATE TYPE role AS ENUM ('admin', 'member');
--> statement-breakpoint
CREATE TABLE users (id serial PRIMARY KEY NOT NULL, email varchar(90) NOT NULL, role role DEFAULT 'member',
  CONSTRAINT users_email_unique UNIQUE (email), CONSTRAINT known CHECK (email IN ('a', 'b')));
--> statement-breakpoint
CREATE TABLE posts (id serial PRIMARY KEY, author integer CONSTRAINT posts_author_users_id_fk REFERENCES users (id), title text);
--> statement-breakpoint
CREATE VIEW admins AS SELECT * FROM users WHERE role = 'admin';`;

/** A project whose one migration is applied. */
interface Shop extends AsyncDisposable {
  readonly project: KitProject;
  readonly database: PostgresDatabase;
  readonly run: (command: string) => Promise<Ended>;
}

async function deployed(): Promise<Shop> {
  const resources = new AsyncDisposableStack();
  const database = resources.use(await server.createDatabase());
  const project = resources.use(await kitProject('drizzle-0'));
  const dbCredentials = { url: database.url };
  const config = { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials };
  await rm(project.file('drizzle.config.ts'));
  await project.write('drizzle.config.json', JSON.stringify(config));
  await writeFiles(join(project.path, 'drizzle'), folder0([{ tag: '0000_first', sql: first }], 'postgresql'));
  const env = { XDG_STATE_HOME: project.file('state'), XDG_CACHE_HOME: project.file('cache') };
  const run = (command: string) => cli(command.split(' '), { cwd: project.path, env });
  await using client = await database.connect();
  expect(await run('deploy local --yes')).toMatchObject({ exitCode: 0 });
  expect((await client.query('SELECT * FROM users')).rows).toEqual([]);
  return { project, database, run, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

let server: PostgresServer;
let at: Shop;
beforeAll(async () => {
  server = await postgresServer();
  at = await deployed();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('a PostgreSQL database is compared with its schema as a file, which loads into an empty one, and with a backup', async () => {
  const { stdout } = await at.run('schema local');
  await at.project.write('schema.sql', stdout);
  expect((await at.run('drift local --against schema.sql --check')).stdout).toContain('No drift');
  expect((await at.run('drift local --against b1')).stdout).toContain('+ table users');
  await using empty = await server.createDatabase();
  await using other = await empty.connect();
  await other.query(stdout);
  expect((await other.query('SELECT * FROM public.admins')).rows).toEqual([]);
});

test('what was changed by hand in PostgreSQL is shown object by object, line by line', async () => {
  await using client = await at.database.connect();
  await client.query(`ALTER TABLE users ADD nickname text; ALTER TABLE posts DROP CONSTRAINT posts_author_users_id_fk;
    ALTER TABLE posts RENAME CONSTRAINT posts_pkey TO posts_pk; DROP VIEW admins; CREATE INDEX by_title ON posts (title);
    CREATE TRIGGER tidy BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
    CREATE POLICY own ON posts USING (true)`);
  await at.project.write(
    'migrate-tui.config.json',
    JSON.stringify({ ignoreDrift: [{ object: 'policy own on *', reason: 'made by hand' }] }),
  );
  const { stdout, exitCode } = await at.run('drift local --check');
  expect(exitCode).toBe(3);
  const lines = stdout.split('\n').map((line) => line.trim());
  expect(lines.filter((line) => /^[≠+-]/.test(line))).toEqual([
    '≠ table posts',
    '-  CONSTRAINT posts_author_users_id_fk FOREIGN KEY (author) REFERENCES users(id)',
    '≠ table users',
    '+  nickname text,',
    '+ index by_title',
    '+CREATE INDEX by_title ON posts (title)',
    '- view admins',
    '-CREATE VIEW admins AS',
    '- SELECT id,',
    '-    email,',
    '-    role',
    '-   FROM users',
    "-  WHERE (role = 'admin'::role)",
    '+ trigger tidy on users',
    '+CREATE TRIGGER tidy BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ]);
  expect(stdout).toContain('made by hand');
});

test('the draft for PostgreSQL takes back what was changed by hand and keeps the rows', async () => {
  await using client = await at.database.connect();
  await client.query("INSERT INTO users (email, role) VALUES ('a', 'admin')");
  const { exitCode, stdout } = await at.run('drift local --format sql --json --check');
  expect(exitCode).toBe(3);
  const { draft } = JSON.parse(stdout);
  expect(draft).toEqual([{ database: expect.any(String), statements: expect.any(Array) }]);
  const text = draft[0].statements.join('\n');
  expect(text).toContain('ALTER TABLE users DROP COLUMN nickname;');
  expect(text).toContain('ADD CONSTRAINT posts_author_users_id_fk FOREIGN KEY');
  expect(text).not.toContain('POLICY');
  await client.query(`BEGIN; ${text}; COMMIT`);
  expect((await client.query('SELECT email FROM users')).rows).toEqual([{ email: 'a' }]);
  const again = await at.run('drift local --format sql --check');
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('there is nothing to change') });
});

test('a draft leads back to a backup of PostgreSQL, too', async () => {
  const { stdout } = await at.run('drift local --against b1 --format sql');
  expect(stdout).toMatch(/^-- A draft that would bring /);
  expect(stdout).toContain('DROP TABLE users;');
});

test('status --drift sees what was changed by hand in PostgreSQL, and makes nothing on the server', async () => {
  const { run, database } = at;
  await using client = await database.connect();
  const databases = async () => (await client.query('SELECT datname FROM pg_database ORDER BY 1')).rows;
  const before = await databases();
  expect((await run('status local --drift --check')).stdout).toMatch(/✓ current +1 applied +no drift/);
  await client.query('ALTER TABLE users ADD COLUMN nickname text');
  const { exitCode, stdout } = await run('status local --drift --check');
  await client.query('ALTER TABLE users DROP COLUMN nickname');
  expect([exitCode, stdout]).toEqual([3, expect.stringMatching(/≠ drifted +1 applied +1 object differs/)]);
  expect(await databases()).toEqual(before);
});
