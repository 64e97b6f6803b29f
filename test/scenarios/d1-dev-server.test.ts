import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Database, type EngineDatabase } from '../support/d1-engine.ts';

let project: D1Project;
let server: EngineDatabase & AsyncDisposable;
beforeAll(async () => {
  project = await d1Project({
    'wrangler.json': JSON.stringify({
      name: 'shop',
      d1_databases: [{ binding: 'DB', database_name: 'shop' }],
    }),
    'migrations/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY, name text);\n',
  });
  server = await startD1Database(join(project.root, '.wrangler', 'state'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

test('a dev server works on while its database is migrated, backed up and restored', async () => {
  await change('deploy', 'local', '--yes');
  await server.batch(["INSERT INTO users (name) VALUES ('of the dev server')"]);

  const backup = await change('backup', 'local');
  await project.write({
    'migrations/0002_email.sql': 'ALTER TABLE users ADD email text;\n',
    'migrations/0003_posts.sql':
      'CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users(id) ON DELETE CASCADE);\nINSERT INTO posts (user_id) SELECT id FROM users;\n',
  });
  const busy = writeOn();
  const deployed = await change('deploy', 'local', '--yes');
  const written = await busy.stop();
  expect(deployed).toMatchObject({ applied: { length: 2 } });
  expect(written).toBeGreaterThan(0);
  expect(await server.query({ sql: 'SELECT count(*) AS n, count(email) AS emails FROM users' })).toEqual([
    { n: 1 + written, emails: 0 },
  ]);

  const busyAgain = writeOn();
  await change('restore', 'local', String(backup['backup']), '--yes');
  const later = await busyAgain.stop();
  const [{ n } = { n: 0 }] = await server.query({ sql: 'SELECT count(*) AS n FROM users' });
  expect(n).toBeLessThanOrEqual(1 + later);
  expect(await server.query({ sql: "SELECT name FROM sqlite_schema WHERE name = 'posts'" })).toEqual([]);
  await server.batch(["INSERT INTO users (name) VALUES ('after the restore')"]);
  using file = new DatabaseSync(server.file, { readOnly: true });
  expect(file.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
});

/** The dev server's own work meanwhile: one row after the other. */
function writeOn() {
  let rows = 0;
  const stopping = new AbortController();
  const work = (async () => {
    while (!stopping.signal.aborted) {
      await server
        .batch(["INSERT INTO users (name) VALUES ('meanwhile')"])
        .then(() => (rows += 1))
        .catch((error: unknown) => {
          if (!String(error).includes('database is locked')) throw error;
        });
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await work;
      return rows;
    },
  };
}

async function change(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { last, stdout, stderr } = await project.ours(...args);
  expect(last, stdout + stderr).toMatchObject({ kind: 'done' });
  return last ?? {};
}
