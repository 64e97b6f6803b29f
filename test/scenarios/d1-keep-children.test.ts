import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MigrationReport } from '../../src/operations/reports.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { program } from '../support/program.ts';
import { misfits } from '../support/schemas.ts';
import { localFile } from '../support/wrangler.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['stars SET NULL', 'stars NO ACTION', 'other'] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a rebuild that would take rows of other tables along', () => {
  test.each([
    { action: 'SET NULL', code: 'rows-lost' },
    { action: 'NO ACTION', code: 'rehearsal-failed' },
  ])(
    'is refused, rewritten, deployed in both places, and every value is as before ($action)',
    async ({ action, code }) => {
      await using project = await shop(`stars ${action}`, action);
      for (const where of places) {
        await deployed(project, where);
        await run(project, where, rows);
      }
      await project.write({
        [later]: 'ALTER TABLE posts ADD COLUMN draft integer DEFAULT 0;\n',
        [rebuild]: drizzleKit,
      });
      const before = { local: await contentOf(project, 'local'), remote: await contentOf(project, 'remote') };
      for (const where of places) {
        const command = `migrate-tui migration 0003_rebuild --keep-children ${where}`;
        for (const change of ['dry-run', 'deploy']) {
          const { last } = await project.ours(change, where, '--yes');
          expect(last).toMatchObject({
            kind: 'failed',
            code,
            next: expect.stringContaining(command),
          });
        }
        expect(await contentOf(project, where)).toEqual(before[where]);
      }

      const asked = await project.ours('migration', '0003', '--keep-children', 'remote');
      const shown: MigrationReport = JSON.parse(asked.stdout);
      expect([asked.exitCode, misfits('migration', shown)]).toEqual([0, []]);
      expect(shown.rewritten?.keeps.map(({ table }) => table)).toEqual([
        'posts',
        'stars',
        'trees',
        'comments',
      ]);
      expect(await text(project, rebuild)).toBe(drizzleKit);
      const printed = await plain(project, 'migration', '0003', '--keep-children', 'remote');
      expect(printed.stdout).toBe(shown.rewritten?.text);
      expect(printed.stderr).toContain('posts  it refers to users with ON DELETE CASCADE');

      const written = await project.ours('migration', '0003', '--keep-children', 'local', '--write');
      const { rewritten }: MigrationReport = JSON.parse(written.stdout);
      expect(await text(project, rebuild)).toBe(rewritten?.text);
      expect(rewritten?.text).toBe(shown.rewritten?.text);
      expect(await text(project, rewritten?.written?.before ?? '')).toBe(drizzleKit);
      expect(await readdir(join(project.root, 'migrations'))).toHaveLength(3);

      for (const where of places) {
        await deployed(project, where);
        const after = await contentOf(project, where);
        expect(after).toEqual({
          ...before[where],
          posts: before[where]['posts']?.map((row) => ({ ...row, draft: 0 })),
        });
        await expect(run(project, where, ['INSERT INTO users (id, name) VALUES (9, NULL)'])).rejects.toThrow(
          'NOT NULL',
        );
        expect(await project.wrangler('migrations', 'list', 'DB', `--${where}`)).toContain(
          'No migrations to apply!',
        );
      }
      const again = await project.ours('migration', '0003', '--keep-children', 'local', '--write');
      expect(JSON.parse(again.stdout)).toMatchObject({
        notRewritten: { reason: 'not-possible', why: expect.stringContaining('local has run 0003_rebuild') },
      });
      expect([again.exitCode, await text(project, rebuild)]).toEqual([4, rewritten?.text]);
    },
    240_000,
  );

  test('is not written over a file that an environment has run; put there by hand it does the same', async () => {
    await using project = await shop('other', 'SET NULL');
    await deployed(project, 'remote');
    await run(project, 'remote', rows);
    await project.write({ [rebuild]: drizzleKit });
    await deployed(project, 'local');
    const before = await contentOf(project, 'remote');
    const { last } = await project.ours('apply', 'remote', '--yes');
    expect(last).toMatchObject({
      kind: 'failed',
      code: 'rows-lost',
      next: expect.stringContaining('migration 0003_rebuild --keep-children remote'),
    });
    expect(await contentOf(project, 'remote')).toEqual(before);

    const refused = await plain(project, 'migration', '0003', '--keep-children', 'remote', '--write');
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain('local has run 0003_rebuild');
    expect(await text(project, rebuild)).toBe(drizzleKit);
    expect(existsSync(join(project.root, '.migrate-tui/replaced'))).toBe(false);

    const printed = await plain(project, 'migration', '0003', '--keep-children', 'remote');
    await project.write({ [rebuild]: printed.stdout });
    await deployed(project, 'remote');
    expect(await contentOf(project, 'remote')).toEqual(before);
    expect(await project.wrangler('migrations', 'list', 'DB', '--remote')).toContain(
      'No migrations to apply!',
    );
  }, 240_000);
});

const places = ['local', 'remote'] as const;
type Place = (typeof places)[number];

const later = 'migrations/0002_drafts.sql';
const rebuild = 'migrations/0003_rebuild.sql';

const tables: Readonly<Record<string, string>> = {
  users: 'CREATE TABLE users (id integer PRIMARY KEY, name text)',
  posts:
    'CREATE TABLE posts (id integer PRIMARY KEY, author integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, body blob)',
  comments: 'CREATE TABLE comments (post integer REFERENCES posts(id) ON DELETE SET NULL, said text)',
  stars:
    'CREATE TABLE stars (id integer PRIMARY KEY, author integer REFERENCES users(id) ON DELETE NO ACTION)',
  trees:
    'CREATE TABLE trees (id integer PRIMARY KEY, up integer REFERENCES trees(id) ON DELETE CASCADE, planter integer REFERENCES users(id) ON DELETE CASCADE)',
};

const rows = [
  "INSERT INTO users VALUES (1, 'Ada'), (2, 'Ben'), (7, 'Cay')",
  "INSERT INTO posts VALUES (1, 1, x'00ff'), (2, 7, NULL), (5, 7, 'text')",
  "INSERT INTO comments (rowid, post, said) VALUES (3, 1, 'a'), (4, 5, 'b'), (8, NULL, 'c')",
  'INSERT INTO stars VALUES (1, 1), (2, NULL), (3, 7)',
  'INSERT INTO trees VALUES (1, NULL, 1), (2, 1, 1), (3, 2, NULL), (4, 1, 7)',
];

/** As drizzle-kit writes it. */
const drizzleKit = `PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE \`__new_users\` (\`id\` integer PRIMARY KEY NOT NULL, \`name\` text NOT NULL);
--> statement-breakpoint
INSERT INTO \`__new_users\`("id", "name") SELECT "id", "name" FROM \`users\`;--> statement-breakpoint
DROP TABLE \`users\`;--> statement-breakpoint
ALTER TABLE \`__new_users\` RENAME TO \`users\`;--> statement-breakpoint
PRAGMA foreign_keys=ON;
`;

async function shop(name: string, action: string): Promise<D1Project> {
  const binding = { binding: 'DB', database_name: name, database_id: server.database(name).uuid };
  return d1Project(
    {
      'package.json': '{ "private": true }',
      'wrangler.json': JSON.stringify({ name: 'shop', d1_databases: [binding] }),
      'migrations/0001_shop.sql': `${Object.values(tables).join(';\n').replace('NO ACTION', action)};\n`,
    },
    { server },
  );
}

/** Our program as a person runs it whose output goes to a file. */
async function plain({ root, env }: D1Project, ...args: readonly string[]) {
  return program(args, { cwd: root, env });
}

async function deployed(project: D1Project, where: Place): Promise<void> {
  const { last, stdout, stderr } = await project.ours('deploy', where, '--yes');
  expect(last, stdout + stderr).toMatchObject({ kind: 'done' });
}

async function text(project: D1Project, file: string): Promise<string> {
  return readFile(join(project.root, file), 'utf8');
}

type Rows = readonly Readonly<Record<string, unknown>>[];

async function contentOf(project: D1Project, where: Place): Promise<Readonly<Record<string, Rows>>> {
  const content: Record<string, Rows> = {};
  for (const table of Object.keys(tables)) {
    const found = await run(project, where, [`SELECT rowid AS at, * FROM ${table} ORDER BY rowid`]);
    content[table] = found.map((row) => ({ ...row }));
  }
  return content;
}

/** Past our program: as a worker would. */
async function run(project: D1Project, where: Place, statements: readonly string[]): Promise<Rows> {
  const config: { readonly d1_databases: readonly [{ readonly database_name: string }] } = JSON.parse(
    await text(project, 'wrangler.json'),
  );
  const database = server.database(config.d1_databases[0].database_name);
  if (where === 'remote') return database.run(...statements);
  using connection = new DatabaseSync(localFile(project.root, database.uuid));
  let last: Rows = [];
  for (const sql of statements) last = connection.prepare(sql).all();
  return last;
}
