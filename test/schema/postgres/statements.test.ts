import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { fingerprint } from '../../../src/schema/fingerprint.ts';
import { schemaStatements } from '../../../src/schema/postgres/statements.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Schema } from '../../../src/schema/schema.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { nasty } from './nasty.ts';
import { openPostgres } from './opened.ts';

describe('a schema made again from its statements is the same', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await postgresServer();
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  async function madeAgain(schema: Schema): Promise<Schema> {
    const { settings, beforeRows, afterRows } = schemaStatements(schema);
    await using copy = await openPostgres(server);
    await copy.run('BEGIN');
    for (const sql of [...settings, ...beforeRows, ...afterRows]) await copy.run(sql);
    await copy.run('COMMIT');
    return readSchema(copy.query);
  }

  test.each(Object.entries(nasty))('with %s', async (_, sql) => {
    await using database = await openPostgres(server, sql);
    const schema = await readSchema(database.query);
    const again = await madeAgain(schema);
    expect(compareSchemas(schema, again)).toEqual([]);
    expect(fingerprint(again)).toBe(fingerprint(schema));
    expect(schemaStatements(again)).toEqual(schemaStatements(await madeAgain(again)));
  });
});
