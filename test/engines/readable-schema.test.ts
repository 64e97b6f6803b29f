import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import { readSchema } from '../../src/schema/read.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test.each([
  [
    'a default',
    "CREATE TABLE teams (id INTEGER, name TEXT DEFAULT 'Z@rich')",
    /^The definition of the table teams holds the byte 0xfc behind “[^”]*DEFAULT 'Z”, which is no UTF-8, in .*app\.db/,
  ],
  ['a comment', 'CREATE INDEX by_id ON old (id) /* Gr@sse */', /^The definition of the index by_id holds/],
  ['a name', 'CREATE TABLE "k@se" (id INTEGER)', /^The definition of the table k\uFFFDse holds/],
])(
  'a schema with %s that is no UTF-8 is refused where libSQL would end the program',
  async (_what, sql, message) => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    makeWith(path, sql);
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
    expect(await engine.query({ sql: 'SELECT count(*) AS n FROM sqlite_schema' })).toEqual([{ n: 2 }]);
    const refusal = { code: 'refused', message: expect.stringMatching(message) };
    await expect(readSchema(engine.query)).rejects.toMatchObject(refusal);
    await expect(
      engine.query({ sql: 'SELECT "name" FROM pragma_table_info(\'old\')' }),
    ).rejects.toMatchObject(refusal);
  },
);

test('a schema in UTF-16 is read', async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('app.db');
  const database = new DatabaseSync(path);
  database.exec("PRAGMA encoding = 'UTF-16'; CREATE TABLE teams (name TEXT DEFAULT 'Zürich')");
  database.close();
  await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
  expect((await readSchema(engine.query)).objects[0]?.display).toContain('Zürich');
});

/** As a program leaves it that ran a file in Latin-1. */
function makeWith(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE old (id INTEGER); ${sql}`);
  database.close();
  writeFileSync(
    path,
    readFileSync(path).map((byte, at) => (at > 100 && byte === 0x40 ? 0xfc : byte)),
  );
}
