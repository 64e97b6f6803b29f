import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startD1Server, type D1Server } from '../../support/d1-server.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { wrangler } from '../../support/wrangler.ts';

// What the server for our tests must do itself, or tests on it would prove nothing.

describe('wrangler, as it is, works with the server for our tests', () => {
  let server: D1Server;
  let project: TemporaryFolder;
  const run = async (...args: string[]) => {
    const { exitCode, output } = await wrangler(project.path, ['d1', ...args], server.env);
    expect(exitCode, output).toBe(0);
    return output;
  };
  beforeAll(async () => {
    server = await startD1Server({ databases: ['shop'] });
    project = await temporaryFolder();
    const { uuid } = server.database('shop');
    const config = {
      name: 'shop',
      d1_databases: [{ binding: 'DB', database_name: 'shop', database_id: uuid }],
    };
    await writeFile(project.file('wrangler.json'), JSON.stringify(config));
    await mkdir(project.file('migrations'));
    await writeFile(
      project.file('migrations/0001_users.sql'),
      "CREATE TABLE users (id integer PRIMARY KEY, name text);\nINSERT INTO users (name) VALUES ('one');\n",
    );
    await writeFile(project.file('migrations/0002_email.sql'), 'ALTER TABLE users ADD email text;\n');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
  });

  test('it makes a database and lists it', async () => {
    await run('create', 'second');
    expect(JSON.parse(await run('list', '--json'))).toMatchObject([{ name: 'shop' }, { name: 'second' }]);
  });

  test('it applies migrations, one request each, and finds none afterwards', async () => {
    const from = server.requests.length;
    await run('migrations', 'apply', 'DB', '--remote');
    const requests = server.requests.slice(from).filter(({ sql }) => sql.join().includes('INSERT INTO "d1_'));
    expect(requests.map(({ endpoint, sql }) => [endpoint, sql.length])).toEqual([
      ['query', 3],
      ['query', 2],
    ]);
    expect(await run('migrations', 'list', 'DB', '--remote')).toContain('No migrations to apply!');
  });

  test('it runs a command, and a file through the import', async () => {
    await writeFile(project.file('rows.sql'), "INSERT INTO users (name) VALUES ('two'), ('three');\n");
    expect(await run('execute', 'DB', '--remote', '--file', 'rows.sql', '--yes')).toContain(
      'Executed 1 queries',
    );
    const answer = await run('execute', 'DB', '--remote', '--json', '--command', 'SELECT name FROM users');
    expect(JSON.parse(answer)).toMatchObject([
      { results: [{ name: 'one' }, { name: 'two' }, { name: 'three' }] },
    ]);
  });

  test('it exports, and takes the database back in time and forth again', async () => {
    await run('export', 'DB', '--remote', '--output', 'dump.sql');
    const dump = await readFile(project.file('dump.sql'), 'utf8');
    expect(dump).toContain(`INSERT INTO "users" ("id","name","email") VALUES(3,'three',NULL);`);
    const info = JSON.parse(await run('time-travel', 'info', 'DB', '--json'));
    await server.database('shop').run('DELETE FROM users');
    const restored = await run('time-travel', 'restore', 'DB', '--bookmark', info.bookmark, '--json');
    expect(JSON.parse(restored)).toMatchObject({ bookmark: info.bookmark });
    expect(await server.database('shop').run('SELECT count(*) AS n FROM users')).toEqual([{ n: 3 }]);
  });
});
